// SPDX-License-Identifier: Apache-2.0

package match_test

import (
	"testing"

	"github.com/turnstone-project/turnstone/engine/match"
)

// TestOrganisationsInOtherLanguages compares names of which one translates the
// other with names that say something else in the same words.
func TestOrganisationsInOtherLanguages(t *testing.T) {
	for _, c := range []struct {
		schema, left, right string
		same                bool
	}{
		{"Organization", "Autodefensas Unidas de Colombia", "United Self-Defense Forces of Colombia", true},
		{"Organization", "Autodefensas Unidas de Colombia", "United Left of Colombia", false},
		{"Company", "Российские железные дороги", "Russian Railways", true},
		{"Company", "České dráhy a.s.", "Czech Railways", true},
		{"Company", "České dráhy a.s.", "Polish Railways", false},
		{"Company", "Danske Statsbaner", "Danish State Railways", true},
		{"Company", "Österreichische Post AG", "Austrian Post", true},
		{"Company", "Österreichische Post AG", "Austrian Airlines", false},
		{"Company", "Commercial Bank of Syria", "المصرف التجاري السوري", true}, // a commercial bank is no bank only
		{"Company", "Agricultural Bank of Syria", "المصرف التجاري السوري", false},
		{"Company", "בנק דיסקונט לישראל בע״מ", "Israel Discount Bank Ltd", true}, // "of" is written with Israel
		{"Company", "中国银行股份有限公司", "Bank of China Ltd", true},                     // forms that English has none for
		{"Company", "中国银行股份有限公司", "Bank of China Corporation", true},
		{"Company", "中国银行股份有限公司", "Bank of India Ltd", false},
		{"Company", "شركة شام القابضة", "Cham Holding", true}, // that it is a company says nothing
		{"Company", "Norges Bank", "Bank of Norway", true},
		{"Company", "Norges Bank", "Bank of Sweden", false},
		{"Address", "Hauptstr. 7, 10115 Berlin", "Hauptstraße 7, Berlin, Germany", true},
		{"Address", "Kerkstraat 7, Gent", "Kerkstr. 7, Gent", true},
		{"Address", "Hauptstr. 7, 10115 Berlin", "Hofstraße 7, Berlin, Germany", false},
		{"Company", "Société Nationale d'Investissement", "SNI", true}, // d' is no part of a word
		{"Company", "L'Oréal S.A.", "Loreal SA", true},                 // but L' may be
		{"Person", "高山清司", "Kiyoshi Takayama", true},                   // Japanese in Chinese signs
		{"Person", "高山清司", "Kiyoshi Takahashi", false},
		{"Person", "長谷川健一", "Kenichi Hasegawa", true}, // three signs of family name
		{"Person", "健一", "賢一", false},                 // other signs of one reading are another name
		{"Person", "王小明", "Wang Xiaoming", true},
		{"Person", "Oluwaseun Adeyemi", "Seun Adeyemi", true}, // a name's end is its short form
		{"Person", "Oluwaseun Adeyemi", "Tobi Adeyemi", false},
	} {
		a, b := match.Prepare(c.schema, c.left), match.Prepare(c.schema, c.right)
		if s := match.ScoreNames(&a, &b); (s >= match.Threshold) != c.same {
			t.Errorf("%s, %s: %.3f, want the same: %v", c.left, c.right, s, c.same)
		}
	}
}
