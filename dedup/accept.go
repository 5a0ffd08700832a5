package dedup

import "math"

// SuggestAt is the least Score of the first candidate at which its theme is
// proposed for a new suggestion; below it the suggestion starts a new theme. A
// proposal is looked at by a person, so it may be wrong more often than an attach.
//
// Measured there, precision (share of proposals that are right) / recall (share
// of texts with a theme that get it proposed), the text itself left out:
//
//	English, all texts          BANKING77 .93 / .91   CLINC150 with texts of no theme .93 / .92
//	English, 12 texts a theme   BANKING77 .87 / .76   CLINC150 with texts of no theme .85 / .72
//	English, a few texts in all, half of the queries of no theme          .76 / .62
//	Chinese, 15 themes, xSID .96 / .92; a few texts in all, as above      .73 / .52
//	Chinese pairs among thousands of unlabelled duplicates, LCQMC        ≥.54 / .58
const SuggestAt = .35

// features are what the probability is made of, for one theme among those found:
//
//	0 s of its nearest item                     5 its items among the nearest 20, over 20
//	1 sum of its three best s, over three       6 sum of the five best s of other themes, over five
//	2 share of the votes                        7 share of the query's weight its nearest item covers
//	3 lead in votes over the next theme         8 ln(1 + mass of the n-grams its nearest item shares)
//	4 lead in s over the other themes' nearest
//
// An encoder adds the centroid's cosine and its margin.
type features [9]float64

// alone is how far behind another theme is taken to be when there is none.
const alone = .6

// logistic is a probability from features.
type logistic struct {
	bias float64
	coef features
}

// fitted returns the coefficients of the probability that a text belongs to a
// theme that was found for it.
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
func fitted() logistic {
	return logistic{bias: -4.291, coef: features{.199, 6.491, .723, .309, 2.329, 2.891, -6.921, 1.183, .655}}
}

func (l logistic) probability(f features) float64 {
	z := l.bias
	for i, c := range l.coef {
		z += c * f[i]
	}
	return 1 / (1 + math.Exp(-z))
}
