// SPDX-License-Identifier: AGPL-3.0-or-later

package kinds

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

// Currency is a line of ISO 4217.
type Currency struct {
	Code      string `json:"code"`
	Name      string `json:"name"`
	Minor     int    `json:"minor"`               // decimals of its smallest unit
	Withdrawn string `json:"withdrawn,omitempty"` // last day, 2006-01-02; empty: in use
}

// Currencies is ISO 4217.
type Currencies struct {
	All    []Currency
	byCode map[string]Currency
}

func loadCurrencies() (*Currencies, error) {
	b, err := files.ReadFile("currencies.json")
	if err != nil {
		return nil, fmt.Errorf("read currencies: %w", err)
	}
	var f struct {
		Currencies []Currency `json:"currencies"`
	}
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, fmt.Errorf("read currencies: %w", err)
	}
	c := &Currencies{All: f.Currencies, byCode: map[string]Currency{}}
	for _, one := range f.Currencies {
		c.byCode[one.Code] = one
	}
	return c, nil
}

// Find returns the currency with that code, in use or not.
func (c *Currencies) Find(code string) (Currency, bool) {
	one, ok := c.byCode[code]
	return one, ok
}

// On returns the currency of an amount that was valued on day; it refuses codes
// that do not exist, with the nearest that do, and those that had been withdrawn.
func (c *Currencies) On(code string, day time.Time) (Currency, error) {
	one, ok := c.byCode[strings.ToUpper(strings.TrimSpace(code))]
	if !ok {
		return Currency{}, fault.Newf(fault.Invalid, "There is no currency %q. Did you mean %s?", strings.TrimSpace(code), strings.Join(c.near(code), ", "))
	}
	if one.Withdrawn != "" && day.Format(time.DateOnly) > one.Withdrawn {
		return Currency{}, fault.Newf(fault.Invalid, "%s (%s) was withdrawn on %s. Give the value in the currency of the day.", one.Code, one.Name, one.Withdrawn)
	}
	return one, nil
}

// usual are signs and words that people write for a code.
var usual = map[string]string{
	"KR": "DKK", "KR.": "DKK", "KRONER": "DKK", "$": "USD", "US$": "USD", "NZ$": "NZD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "£": "GBP", "UKP": "GBP", "STG": "GBP",
	"€": "EUR", "EURO": "EUR", "¥": "JPY", "RMB": "CNY", "YUAN": "CNY", "RAND": "ZAR", "DOLLAR": "USD", "POUND": "GBP",
}

// near returns up to three codes in use that are written most like code.
func (c *Currencies) near(code string) []string {
	s := strings.ToUpper(strings.TrimSpace(code))
	if u, ok := usual[s]; ok {
		return []string{u}
	}
	var best []string
	least := 1 << 30
	for _, one := range c.All {
		if one.Withdrawn != "" {
			continue
		}
		d := distance(s, one.Code)
		if d < least {
			least, best = d, nil
		}
		if d == least && len(best) < 3 {
			best = append(best, one.Code)
		}
	}
	return best
}

// distance is the edit distance with exchanged neighbours, of short strings.
func distance(a, b string) int {
	const most = 12
	a, b = a[:min(len(a), most)], b[:min(len(b), most)]
	var d [most + 1][most + 1]int
	for i := range len(a) + 1 {
		d[i][0] = i //nolint:gosec // i is at most len(a), which is at most most
	}
	for j := range len(b) + 1 {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			switch a[i-1] {
			case b[j-1]:
				d[i][j] = d[i-1][j-1]
			default:
				d[i][j] = 1 + min(d[i-1][j], d[i][j-1], d[i-1][j-1])
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1) //nolint:gosec // i and j are at least 2
			}
		}
	}
	return d[len(a)][len(b)]
}

// Amount returns d as a whole number of minor units; a fraction of one is refused.
func (c Currency) Amount(d Decimal) (int64, error) {
	scaled := new(big.Rat).Mul(d.Rat(), power10(c.Minor))
	if !scaled.IsInt() {
		return 0, fault.Newf(fault.Invalid, "%s has %d decimals, so %s can't be an amount of it.", c.Code, c.Minor, d)
	}
	if !scaled.Num().IsInt64() || scaled.Num().Int64() > mostBase || scaled.Num().Int64() < -mostBase {
		return 0, fault.Newf(fault.Invalid, "%s %s is more than can be counted.", d, c.Code)
	}
	return scaled.Num().Int64(), nil
}

// Of returns minor units as a decimal of the currency.
func (c Currency) Of(minor int64) Decimal { return Decimal{Unscaled: minor, Scale: c.Minor} }

func power10(n int) *big.Rat {
	return new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil))
}
