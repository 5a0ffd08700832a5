package dedup

import "math"

type features [7]float64

// logistic is a probability from features.
type logistic struct {
	bias float64
	coef features
}

func (l logistic) probability(f features) float64 {
	z := l.bias
	for i, c := range l.coef {
		z += c * f[i]
	}
	return 1 / (1 + math.Exp(-z))
}

const alone = .6

const SuggestAt = .35

var accept = logistic{}
