package dedup

import "math"

// SuggestAt is the Score that the first three themes must have together to be
// proposed for a new suggestion: two that are both likely leave each other half of
// the Score, and a person who sees both picks. Below it the suggestion starts a new
// theme. A proposal is looked at by a person, so it may be wrong more often than an
// attach. A theme that is to be shown by itself needs as much alone.
//
// Measured with vectors where the first has it alone, precision (share of proposals
// that are right) / recall (share of texts with a theme that get it proposed), the
// text itself left out:
//
//	all texts                                          BANKING77 .95 / .94   CLINC150 with texts of no theme .96 / .96
//	12 texts a theme                                   BANKING77 .92 / .85   CLINC150 with texts of no theme .86 / .88
//	a few texts in all, half of the queries of no theme          .79 / .85                                   .89 / .89
//
// On the project's everyday texts (meaning/testdata/young.jsonl), 1 to 60 themes of
// 1 to 5 texts, half of the queries fitted to: .66 have their theme among the first
// three of a proposal (.57 as the first); of the queries of no theme .22 get one.
const SuggestAt = .35

// Suggests reports whether what Match found is to be proposed.
func Suggests(cs []Candidate) bool {
	sum := 0.0
	for i := range cs[:min(3, len(cs))] {
		sum += cs[i].Score
	}
	return sum >= SuggestAt
}

// AttachAt is the Score from which a suggestion may join a theme unasked until an
// installation's own decisions have set another; Candidate.Attachable says what
// else must hold. Measured as above, precision / recall: BANKING77 .975 / .88 (12 a
// theme .98 / .72), CLINC150 with texts of no theme .989 / .92 (.976 / .75).
const AttachAt = .80

// LeastVoted is how many of a theme's items must be among the nearest for a
// suggestion to join it unasked: one that nobody has joined yet says too little.
// What joined unasked itself does not count: else a theme drifts away, each text
// brought in by the one before.
const LeastVoted = 2

// Attachable reports whether a suggestion may join the theme without a person
// looking, at the least score given.
func (c *Candidate) Attachable(at float64) bool {
	return c.Score-c.Doubt >= at && c.Voted >= LeastVoted && len(c.Mismatch) == 0
}

// features are what the probability is made of, for one theme among those found:
//
//	0 s of its nearest item                     5 its items among the nearest 20, over 20
//	1 sum of its three best s, over three       6 sum of the five best s of other themes, over five
//	2 share of the votes                        7 share of the query's weight its nearest item covers
//	3 lead in votes over the next theme         8 ln(1 + mass of the n-grams its nearest item shares)
//	4 lead in s over the other themes' nearest  9 of five items of other themes, the share there is not
//
// With vectors there are two more: 10 the cosine of the query and the middle of the
// theme's items found, 11 the cosine of the words of the query and its nearest item.
//
// In an index of a few texts nothing else is near because nothing else is there;
// without feature 9 that would speak for whatever is.
type features [10]float64

// alone is how far behind another theme is taken to be when there is none.
const alone = .6

// logistic is a probability from features.
type logistic struct {
	bias float64
	coef []float64
}

// byMeaning returns the coefficients where texts are compared by words and
// vectors, and at least two of a theme's items voted. Fitted like those of byWords,
// but to the first theme of each text alone, and also, at three tenths of the
// weight, to half of the queries of the project's everyday texts: from 1 theme to
// 60, with 1, 2 or 5 texts each, in either language, in both, and across. Shares of
// votes and weight were left out, for they changed nothing. On the data:
//
//	right theme first   BANKING77 .941 (12 a theme .871)   CLINC150 .971 (.926)
func byMeaning() logistic {
	return logistic{bias: -9.945, coef: []float64{2.585, -.891, 0, -.111, 2.516, 2.293, -2.687, 0, -.174, -1.704, 13.677}}
}

// byOne is byMeaning for a theme of which one item voted: a young one. There is no
// company to go by, and how a text means in short counts less than that words
// agree. Fitted to the small indexes and to those of 4 texts a theme.
func byOne() logistic {
	return logistic{bias: -3.656, coef: []float64{0, 0, 0, .325, -.402, 0, -6.385, 0, -.286, -3.112, 12.177, 3.626}}
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
