package dedup

import "math"

// SuggestAt is the least Score of the first candidate at which its theme is
// proposed for a new suggestion; below it the suggestion starts a new theme. A
// proposal is looked at by a person, so it may be wrong more often than an attach.
//
// Measured there with vectors on the data fitted to, precision (share of proposals
// that are right) / recall (share of texts with a theme that get it proposed), the
// text itself left out:
//
//	all texts                                          BANKING77 .95 / .93   CLINC150 with texts of no theme .95 / .96
//	12 texts a theme                                   BANKING77 .92 / .85   CLINC150 with texts of no theme .78 / .88
//	a few texts in all, half of the queries of no theme          .76 / .71                                   .90 / .78
const SuggestAt = .35

// AttachAt is the Score from which a suggestion may join a theme unasked until an
// installation's own decisions have set another; Candidate.Attachable says what
// else must hold. Measured as above, precision / recall: BANKING77 .975 / .88 (12 a
// theme .98 / .72), CLINC150 with texts of no theme .989 / .92 (.976 / .75).
const AttachAt = .80

// LeastVoted is how many of a theme's items must be among the nearest for a
// suggestion to join it unasked: one that nobody has joined yet says too little.
const LeastVoted = 2

// Attachable reports whether a suggestion may join the theme without a person
// looking, at the least score given.
func (c *Candidate) Attachable(at float64) bool {
	return c.Score >= at && c.Voted >= LeastVoted && len(c.Mismatch) == 0
}

// features are what the probability is made of, for one theme among those found:
//
//	0 s of its nearest item                     5 its items among the nearest 20, over 20
//	1 sum of its three best s, over three       6 sum of the five best s of other themes, over five
//	2 share of the votes                        7 share of the query's weight its nearest item covers
//	3 lead in votes over the next theme         8 ln(1 + mass of the n-grams its nearest item shares)
//	4 lead in s over the other themes' nearest
//
// With vectors there is a tenth: the cosine of the query and the middle of the
// theme's items found.
type features [9]float64

// alone is how far behind another theme is taken to be when there is none.
const alone = .6

// logistic is a probability from features.
type logistic struct {
	bias float64
	coef []float64
}

// byMeaning returns the coefficients where texts are compared by words and
// vectors. Fitted like those of byWords, but to the first theme of each text alone,
// and only where two of its items voted (in the small indexes always). Shares of
// votes and weight were left out, for they changed nothing. On the same data:
//
//	right theme first   BANKING77 .941 (12 a theme .871)   CLINC150 .971 (.926)
func byMeaning() logistic {
	return logistic{bias: -9.368, coef: []float64{2.503, -1.411, 0, -.248, 2.795, 2.631, -2.911, 0, -.086, 14.089}}
}

// byWords returns the coefficients of the probability that a text belongs to a
// theme that was found for it, where there is no vector.
//
// Fitted by logistic regression (L2 of 1 on standardised features) on the up to
// five themes found for each text, the text itself left out, of BANKING77
// (PolyAI, CC BY 4.0) and CLINC150 with its texts of no theme (Larson et al., CC
// BY 3.0): whole, cut to the first 12 texts of a theme, cut to 4, and as 250
// small indexes of 1 to 14 themes with 1 to 4 texts each, where half of the
// queries belong nowhere. No other set was fitted to. On the same data:
//
//	right theme first   BANKING77 .916 (12 a theme .805)   CLINC150 .927 (.807)
//	Score ≥ .9          precision .981 (.973)              .985 (.973)
//	                    recall    .816 (.482)              .809 (.433)
//
// and on data not fitted to: xSID in Chinese .940 first, precision .997 at ≥ .9;
// small Chinese indexes .89 at ≥ .9, small English ones (other draws) .95.
// The coefficients belong to s, the bandwidth and the features: change one and
// fit again.
func byWords() logistic {
	return logistic{bias: -4.291, coef: []float64{.199, 6.491, .723, .309, 2.329, 2.891, -6.921, 1.183, .655}}
}

func (l logistic) probability(f []float64) float64 {
	z := l.bias
	for i, c := range l.coef {
		z += c * f[i]
	}
	return 1 / (1 + math.Exp(-z))
}
