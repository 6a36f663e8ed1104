// SPDX-License-Identifier: Apache-2.0

package extract_test

import (
	"encoding/json"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/engine/extract"
)

// found writes what Find says as "kind value".
func found(text string, countries ...string) []string {
	var out []string
	for _, m := range extract.Find(text, countries...) {
		out = append(out, string(m.Kind)+" "+m.Value)
	}
	return out
}

type vector struct {
	Kind  string `json:"kind"`
	Text  string `json:"text"`
	Value string `json:"value"` // "" is not of that kind
}

// vectors are shared with web/desk/selectors.test.ts: a value found here and a
// value indexed there are the same bytes.
func vectors(t *testing.T) []vector {
	t.Helper()
	b, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var out []vector
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestValuesAreThoseOfTheBlindIndex(t *testing.T) {
	for _, v := range vectors(t) {
		got, ok := extract.Normalise(extract.Kind(v.Kind), v.Text)
		if got != v.Value && (ok || v.Value != "") || ok != (v.Value != "") {
			t.Errorf("%s %q is %q (%v), want %q", v.Kind, v.Text, got, ok, v.Value)
		}
	}
}

func TestFind(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		countries  []string
		want       []string
	}{
		{"international", "Call +44 7700 900123 or 0044 (0)7700-900123.", nil, []string{"phone +447700900123", "phone +447700900123"}},
		{"danish, national", "Ring til ham på 20 12 34 56 eller tlf. 20123456", []string{"DK"}, []string{"phone +4520123456", "phone +4520123456"}},
		{"british, national", "His number is 07700 900123", []string{"DK", "GB"}, []string{"phone +447700900123"}},
		{"american", "call (212) 555-0147 tonight", []string{"US"}, []string{"phone +12125550147"}},
		{"arabic digits", "رقمه ٠٠٤٥ ٢٠ ١٢ ٣٤ ٥٦", nil, []string{"phone +4520123456"}},
		{"arabic, with marks of direction", "اتصل \u200e+20\u200f 10 1234 5678\u202c", nil, []string{"phone +201012345678"}},
		{"odd dashes", "+45\u00a020\u201112\u201134\u201156", nil, []string{"phone +4520123456"}},
		{"email", "Write to Anna.Smith@Example.ORG.", nil, []string{"email anna.smith@example.org"}},
		{"email, defanged", "boss [at] example[.]com and boss(at)example(dot)com", nil, []string{"email boss@example.com", "email boss@example.com"}},
		{"url", "See https://shop.example.com/deal, or www.example.com/a?b=1.", nil, []string{"url shop.example.com/deal", "url www.example.com/a?b=1"}},
		{"url, defanged", "hxxps://evil[.]example[.]com/pay and evil[.]example", nil, []string{"url evil.example.com/pay", "url evil.example"}},
		{"url, bare", "sells on t.me/coldgoods and example.com", nil, []string{"url t.me/coldgoods", "url example.com"}},
		{"url, other letters", "https://københavn.example/ø", nil, []string{"url xn--kbenhavn-54a.example/%C3%B8"}},
		{"iban", "til DK50 0040 0440 1162 43 eller GB29-NWBK-6016-1331-9268-19", nil, []string{"iban DK5000400440116243", "iban GB29NWBK60161331926819"}},
		{"plates", "AB12 CDE, AB 12 345, B-MA 1234, ABC 123, BD51 SMR, AA-229-BB", nil, []string{"plate AB12CDE", "plate AB12345", "plate BMA1234", "plate ABC123", "plate BD51SMR", "plate AA229BB"}},
		{"plate, small, after its word", "nummerplade ab 12 345", nil, []string{"plate AB12345"}},
		{"bitcoin", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", nil, []string{"wallet 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "wallet bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"}},
		{"taproot", "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr", nil, []string{"wallet bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr"}},
		{"ethereum", "0x52908400098527886E0F7030069857D2E4169EE7 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", nil, []string{"wallet 0x52908400098527886e0f7030069857d2e4169ee7", "wallet 0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"}},
		{"tron", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", nil, []string{"wallet TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"}},
		{"monero", "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H", nil, []string{"wallet 888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H"}},
		{"card", "card 4111 1111 1111 1111 and 378282246310005", nil, []string{"card 4111111111111111", "card 378282246310005"}},
		{"imei", "IMEI 490154203237518", nil, []string{"imei 490154203237518"}},
		{"addresses", "from 203.0.113.9 and 2001:db8::1, not 300.1.1.1; 198[.]51[.]100[.]7", nil, []string{"ip 203.0.113.9", "ip 2001:db8::1", "ip 198.51.100.7"}},
		{"ship", "the ship IMO 9074729, not IMO 9074728", nil, []string{"imo 9074729"}},
		{"an account is no telephone", "GB29 NWBK 6016 1331 9268 19", []string{"GB", "DK"}, []string{"iban GB29NWBK60161331926819"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, found(tt.text, tt.countries...)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// What looks like something and is nothing.
func TestHardNegatives(t *testing.T) {
	for _, text := range []string{
		"They come on Tuesday at 6 and leave at 10. There are 4 of them, in a grey van.",
		"De kommer altid tirsdag lidt før fem. يأتون كل ثلاثاء",
		"24.12.2025, 24-12-2025, 2025-12-24, 2019-2025, kl. 18.30-19.45",
		"2.000.000 cigaretter, 4,000,000 kr, 12 345 678 kr, $20 12 34 56",
		"GB29 NWBK 6016 1331 9268 18",                // wrong check digits
		"DK50 0040 0440 1162 4",                      // too short
		"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",         // wrong check
		"bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdz", // wrong check
		"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", // wrong case
		"COVID19, ISO 27001, EU 2016/679, the M25, A4, 3D, USD 500, kl. 10",
		"4111 1111 1111 1112", "version 10.0.0.1", "1.2.3",
		"anna at example, @nickname, f.eks. i dag, osv.De gik",
		"0101801234 and 010180-1234", "sagsnummer 20123456", "SEK 500 000", "THE 100",
	} {
		if got := found(text, "DK", "GB", "SE"); len(got) > 0 {
			t.Errorf("%q holds %v", text, got)
		}
	}
}

func TestSharedTextsGiveWhatTheyShow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("+045 .-/()[]@:abcABCx1٢٣\u200fæ\n")), 0, 200, -1).Draw(t, "text")
		check(t, text)
	})
}

type failer interface{ Fatalf(string, ...any) }

// check are the laws of every answer: in order, no overlap, shown as the text
// has it, and a value of its own kind again.
func check(t failer, text string) {
	end := 0
	for _, m := range extract.Find(text, "DK", "GB", "EG") {
		if m.Start < end || m.End <= m.Start || m.End > len(text) || text[m.Start:m.End] != m.Shown || m.Value == "" {
			t.Fatalf("%q: match %+v is not in its place", text, m)
		}
		end = m.End
	}
}

func FuzzFind(f *testing.F) {
	for _, text := range []string{"+45 20 12 34 56 AB 12 345", "hxxps://a[.]b/c?d", "a@b.example", "DK50 0040 0440 1162 43", "\xff\u200f(0)(", "::1 1.2.3.4:80"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { check(t, text) })
}

// Eight times as much of what scanners like least takes about eight times as
// long: what grows with the square would take sixty-four times. The best of
// several runs counts, in processor time, because other processes share the
// machine.
func TestTimeIsLinear(t *testing.T) {
	best := func(text string) time.Duration {
		shortest := time.Hour
		for range 3 {
			started := processorTime(t)
			extract.Find(text, "DK", "GB")
			shortest = min(shortest, processorTime(t)-started)
		}
		return shortest
	}
	const little, much = 4 << 10, 32 << 10
	for _, part := range []string{"a1", "GB29 ", "+4 ", "1.1.", "a.b@", "0 0 ", "[.]", "bc1q", "((((", "::", "hxxp://", "A-", "1-", "٤ "} {
		few, many := best(strings.Repeat(part, little/len(part))), best(strings.Repeat(part, much/len(part)))
		if many > 30*max(few, 100*time.Microsecond) {
			t.Errorf("%q repeated: %d KiB take %v, %d KiB %v", part, little>>10, few, much>>10, many)
		}
	}
}

// processorTime is what this process has used of the processors.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkFind(b *testing.B) {
	text := strings.Repeat("They bring it on Tuesdays in AB12 CDE, call +44 7700 900123, and pay to DK50 0040 0440 1162 43. ", 10_000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		extract.Find(text, "DK", "GB")
	}
}
