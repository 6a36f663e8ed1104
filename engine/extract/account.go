// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"net/netip"
	"strings"
)

// ibans finds bank accounts of ISO 13616: two letters, two check digits, and
// as many more as the country has; spaces and dashes may stand between.
func ibans(s *scan) {
	for i := 0; i+4 < len(s.r); i++ {
		if !isLatin(s.r[i]) || !isLatin(s.r[i+1]) || !s.starts(i) {
			continue
		}
		country := strings.ToUpper(string(s.r[i : i+2]))
		length, ok := s.tables.ibans[country]
		if !ok {
			continue
		}
		value, to := s.spaced(i, length, false)
		if to == 0 || !isDigit(rune(value[2])) || !isDigit(rune(value[3])) || mod97(value) != 1 {
			continue
		}
		s.take(IBAN, value, i, to)
		i = to - 1
	}
}

// spaced reads n letters and digits from i, in upper case, with one space or
// dash between them at most; to is 0 when they don't end there.
func (s *scan) spaced(i, n int, digitsOnly bool) (value string, to int) {
	var b strings.Builder
	for j := i; j < len(s.r) && b.Len() < n; j++ {
		c := s.r[j]
		switch {
		case s.taken[j]:
			return "", 0
		case isDigit(c) || !digitsOnly && isLatin(c):
			b.WriteRune(upper(c))
			to = j + 1
		case (c == ' ' || c == '-' || c == '.') && j > i && isAlnum(s.r[j-1]):
		default:
			return "", 0
		}
	}
	if b.Len() < n || isAlnum(s.get(to)) {
		return "", 0
	}
	return b.String(), to
}

// mod97 is the remainder of ISO 7064 over the number turned round.
func mod97(iban string) int {
	rest := 0
	for i := range len(iban) {
		c := iban[(i+4)%len(iban)]
		if c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	return rest
}

// cards finds payment cards (ISO 7812: 13 to 19 digits, Luhn) and, where a
// word says so, the 15 digits of a device.
func cards(s *scan) {
	for i := 0; i < len(s.r); i++ {
		if !isDigit(s.r[i]) || !s.starts(i) || s.get(i-1) == '+' {
			continue
		}
		if s.cued("imei", i) {
			if value, to := s.spaced(i, 15, true); to != 0 && luhn(value) {
				s.take(IMEI, value, i, to)
				i = to - 1
				continue
			}
		}
		for _, n := range []int{16, 15, 14, 19, 13} {
			value, to := s.spaced(i, n, true)
			if to == 0 || !luhn(value) || !s.cardish(value, i, to) {
				continue
			}
			s.take(Card, value, i, to)
			i = to - 1
			break
		}
		for i+1 < len(s.r) && isDigit(s.r[i+1]) {
			i++
		}
	}
}

// cardish asks for the beginnings that issuers have, and that digits stand
// close, in fours, or as American Express prints them.
func (s *scan) cardish(value string, from, to int) bool {
	amex := len(value) == 15 && (value[:2] == "34" || value[:2] == "37")
	visa := value[0] == '4' && (len(value) == 13 || len(value) == 16 || len(value) == 19)
	mastercard := len(value) == 16 && (value[0] == '5' && value[1] >= '1' && value[1] <= '5' || value[:4] >= "2221" && value[:4] <= "2720")
	others := len(value) == 16 && value[0] == '6' || len(value) == 16 && value[:2] == "35" || len(value) == 14 && value[0] == '3' || len(value) == 19 && value[0] == '6' || value[:4] == "5019"
	if !amex && !visa && !mastercard && !others {
		return false
	}
	if strings.Trim(value, value[:1]) == "" {
		return false
	}
	runs := strings.FieldsFunc(string(s.r[from:to]), func(c rune) bool { return !isDigit(c) })
	return len(runs) == 1 || len(runs[0]) == 4
}

// luhn is the check of ISO 7812.
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// ships finds IMO numbers after their name: seven digits, the last of which
// checks the others (7·a + 6·b + … + 2·f).
func ships(s *scan) {
	for i := range len(s.r) {
		if !isDigit(s.r[i]) || !s.starts(i) && !s.afterIMO(i) || s.taken[i] {
			continue
		}
		value, to := s.spaced(i, 7, true)
		if to != i+7 || !s.cued("imo", i) {
			continue
		}
		sum := 0
		for k := range 6 {
			sum += int(value[k]-'0') * (7 - k)
		}
		if sum%10 == int(value[6]-'0') {
			s.take(IMO, value, i, to)
		}
	}
}

func (s *scan) afterIMO(i int) bool { return s.word(i-3, i) == "imo" && !isAlnum(s.get(i-4)) }

// addresses finds addresses of the network, dots in brackets too.
func addresses(s *scan) {
	const long = 60
	for i := 0; i < len(s.r); i++ {
		c := s.r[i]
		if !isDigit(c) && ((c < 'a' || c > 'f') && (c < 'A' || c > 'F') && c != ':') || !s.starts(i) || s.get(i-1) == '.' || s.get(i-1) == ':' {
			continue
		}
		var b strings.Builder
		to, dots, colons := i, 0, 0
		for j := i; j < len(s.r) && j < i+long && !s.taken[j]; j++ {
			c := s.r[j]
			if c == '[' || c == ']' {
				continue
			}
			if isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' {
				to = j + 1
			} else if c == '.' {
				dots++
			} else if c == ':' {
				colons++
				to = j + 1
			} else {
				break
			}
			b.WriteRune(c)
		}
		text := strings.TrimRight(b.String(), ".")
		if dots < 3 && colons < 2 || isAlnum(s.get(to)) || s.beside("version", i, to) {
			continue
		}
		if dots == 4 && strings.HasSuffix(b.String(), ".") {
			dots-- // the sentence's
		}
		if dots >= 3 && colons == 1 { // with a port
			text = text[:strings.IndexByte(text, ':')]
		}
		if a, err := netip.ParseAddr(text); err == nil && (a.Is4() || strings.Count(text, ":") >= 3 || strings.Contains(text, "::") && len(text) >= 4) {
			s.take(IP, a.String(), i, to)
			i = to - 1
		}
	}
}
