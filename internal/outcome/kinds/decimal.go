// SPDX-License-Identifier: AGPL-3.0-or-later

package kinds

import (
	"math/big"
	"strconv"
	"strings"
	"unicode"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

// Decimal is an exact decimal number: Unscaled × 10^-Scale.
type Decimal struct {
	Unscaled int64
	Scale    int
}

// maxDigits bounds what ParseDecimal takes, so that no sum runs over.
const maxDigits = 15

// ParseDecimal reads a number as people write it: 1234.5, 1 234,5 or
// 1,234,567. A number that two readers would understand differently (1,250 is
// a thousand here and one and a quarter there) is refused with both ways out.
func ParseDecimal(text string) (Decimal, error) {
	s := strings.TrimSpace(text)
	negative := strings.HasPrefix(s, "-") || strings.HasPrefix(s, "−")
	s = strings.TrimPrefix(strings.TrimPrefix(s, "-"), "−")
	if s == "" {
		return Decimal{}, fault.New(fault.Invalid, "Write a number, such as 1250 or 12.5.")
	}
	plain, err := ungroup(s)
	if err != nil {
		return Decimal{}, err
	}
	whole, fraction, _ := strings.Cut(plain, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	if len(digits) > maxDigits {
		return Decimal{}, fault.Newf(fault.Invalid, "%q has more than %d digits. Round it, or choose a larger unit.", text, maxDigits)
	}
	n, err := strconv.ParseInt("0"+whole+fraction, 10, 64)
	if err != nil || whole+fraction == "" {
		return Decimal{}, fault.Newf(fault.Invalid, "%q is not a number. Write it with digits, such as 1250 or 12.5.", text)
	}
	if negative {
		n = -n
	}
	return Decimal{Unscaled: n, Scale: len(fraction)}, nil
}

// ungroup returns s with at most one point and no other mark.
func ungroup(s string) (string, error) {
	var marks []int // places of points and commas
	clean := make([]rune, 0, len(s))
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			clean = append(clean, r)
		case r == '.' || r == ',':
			marks = append(marks, len(clean))
			clean = append(clean, r)
		case r == '\'' || r == '’' || unicode.IsSpace(r) || r == '\u202f':
			// a mark between thousands that nobody reads as anything else
		default:
			return "", fault.Newf(fault.Invalid, "%q is not a number. Write it with digits 0 to 9, such as 1250 or 12.5.", s)
		}
	}
	text := string(clean)
	if len(marks) == 0 {
		return text, nil
	}
	last := marks[len(marks)-1]
	whole, fraction := string(clean[:last]), string(clean[last+1:])
	point, others := clean[last], strings.IndexFunc(whole, func(r rune) bool { return r == '.' || r == ',' }) >= 0
	switch {
	case len(marks) == 1 && len(fraction) == 3 && whole != "" && strings.TrimLeft(whole, "0") != "" && len(whole) <= 3:
		return "", fault.Newf(fault.Invalid, "%q can be read in two ways. Write %s for the large number, %s.%s0 for the small one.", s, whole+fraction, whole, fraction)
	case !others:
		return whole + "." + fraction, nil
	case strings.ContainsRune(whole, point): // 1,234,567: all the same mark
		if grouped(text, point) {
			return strings.ReplaceAll(text, string(point), ""), nil
		}
	case grouped(whole, other(point)): // 1.234,5
		return strings.ReplaceAll(whole, string(other(point)), "") + "." + fraction, nil
	}
	return "", fault.Newf(fault.Invalid, "%q is not a number: its points and commas don't fit. Write it without marks between thousands.", s)
}

func other(mark rune) rune {
	if mark == '.' {
		return ','
	}
	return '.'
}

// grouped reports whether s is digits in groups of three.
func grouped(s string, mark rune) bool {
	groups := strings.Split(s, string(mark))
	for i, g := range groups {
		if i > 0 && len(g) != 3 || i == 0 && (g == "" || len(g) > 3) || strings.ContainsAny(g, ".,") {
			return false
		}
	}
	return true
}

// String writes d with a point.
func (d Decimal) String() string {
	s := strconv.FormatInt(max(d.Unscaled, -d.Unscaled), 10)
	for len(s) <= d.Scale {
		s = "0" + s
	}
	if d.Scale > 0 {
		s = s[:len(s)-d.Scale] + "." + s[len(s)-d.Scale:]
	}
	if d.Unscaled < 0 {
		s = "-" + s
	}
	return s
}

// Trim returns d without zeros at the end of its fraction.
func (d Decimal) Trim() Decimal {
	for d.Scale > 0 && d.Unscaled%10 == 0 {
		d.Unscaled, d.Scale = d.Unscaled/10, d.Scale-1
	}
	return d
}

// Rat returns d as a fraction.
func (d Decimal) Rat() *big.Rat {
	return new(big.Rat).SetFrac(big.NewInt(d.Unscaled), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(d.Scale)), nil))
}

// Cmp compares two decimals.
func (d Decimal) Cmp(e Decimal) int { return d.Rat().Cmp(e.Rat()) }

// mostBase bounds one quantity: a thousandth of what a sum can hold.
const mostBase = 1 << 53

// Count returns how many whole base units d of the unit is: the exact product,
// rounded once, half to even, which for an ounce is less than half a microgram.
func (u Unit) Count(d Decimal) (int64, error) {
	exact := new(big.Rat).Mul(d.Rat(), u.ratio)
	n := roundHalfEven(exact)
	if !n.IsInt64() || n.Int64() > mostBase || n.Int64() < -mostBase {
		return 0, fault.Newf(fault.Invalid, "%s %s is more than can be counted. Check the unit.", d, u.Code)
	}
	return n.Int64(), nil
}

// Whole reports whether a unit is of things that come whole: people, cases, pieces.
func (u Unit) Whole() bool {
	return u.Dimension == "person" || u.Dimension == "case" || u.Dimension == "piece"
}

// Of returns base units as a decimal of the unit, exact to nine places.
func (u Unit) Of(base int64) Decimal {
	const places = 9
	scaled := new(big.Rat).Quo(new(big.Rat).SetInt64(base), u.ratio)
	scaled.Mul(scaled, new(big.Rat).SetInt64(1_000_000_000))
	return Decimal{Unscaled: roundHalfEven(scaled).Int64(), Scale: places}.Trim()
}

// roundHalfEven rounds a fraction to an integer.
func roundHalfEven(r *big.Rat) *big.Int {
	q, rest := new(big.Int).QuoRem(r.Num(), r.Denom(), new(big.Int))
	twice := new(big.Int).Abs(new(big.Int).Lsh(rest, 1))
	if c := twice.Cmp(r.Denom()); c > 0 || c == 0 && q.Bit(0) == 1 {
		q.Add(q, big.NewInt(int64(r.Sign())))
	}
	return q
}
