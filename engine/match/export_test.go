// SPDX-License-Identifier: Apache-2.0

package match

import "math"

// PlainDistance is the distance of two words in which every error costs 1, for
// comparing with other implementations.
func PlainDistance(a, b string) float64 {
	costs := plainCosts()
	return float64(costs.distance(a, b, false, math.MaxFloat32))
}

// SoundDistance is the distance of two words of sounds.
func SoundDistance(a, b string, loose bool) float64 {
	return float64(loaded().costs.distance(a, b, loose, math.MaxFloat32))
}

// LeastDistance is what the sounds of two words say that their distance is at
// least.
func LeastDistance(a, b string) float64 {
	return float64(loaded().costs.least(maskOf(a), maskOf(b)))
}

// SlipCost is PlainDistance of words that one slip parts.
func SlipCost(a, b string) float64 { return float64(slipCost(a, b)) }

// Sound is what the rules make of a romanised word.
func Sound(latin string) string { return loaded().sound(latin) }

// Romanised romanises one folded word.
func Romanised(word string) string { return loaded().latin(fold(word), scriptOf(word)) }

// Plate reads a number plate as somebody tells it.
func Plate(text string) string { return loaded().plate(text) }

// PlateShare compares two plates.
func PlateShare(a, b string) float64 { return float64(plateShare(a, b)) }

// Age reads an age as people describe it; 0, 0 for none.
func Age(text string) (low, high int) {
	r, _ := loaded().parseAge(text)
	return int(r.low), int(r.high)
}
