// SPDX-License-Identifier: Apache-2.0

package match_test

import (
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/engine/match"
)

func TestRomanisation(t *testing.T) {
	for word, want := range map[string]string{
		"Щербаков": "shcherbakov", "Олексій": "oleksiy", "Ђорђевић": "djordjevich", "Παπαδόπουλος": "papadopoulos", "Ντίνος": "ntinos",
		"გიორგი": "giorgi", "Հովհաննես": "hovhannes", "נתניהו": "ntnihu", "محمد": "mhmd", "شهباز": "shhbaz", "정은": "jeongeun", "नरेन्द्र": "narendr",
		"Łukasz": "lukasz", "Çağla": "cagla", "Strauß": "strauss", "Ærø": "aero",
	} {
		if got := match.Romanised(word); got != want {
			t.Errorf("%s: %s, want %s", word, got, want)
		}
	}
}

func TestSoundsMeetAcrossSpellings(t *testing.T) {
	for _, words := range []string{
		"schukow zhukow zhukov", "tschaikowski chaikovskiy chaikovsky", "khalid khaalid", "philipp filip", "wladimir vladimir", "yusuf yousuf",
		"abdullah abdulla", "zelensky zelenskiy zelenskyy zelenskij",
	} {
		list := strings.Fields(words)
		for _, other := range list[1:] {
			if d := match.SoundDistance(match.Sound(list[0]), match.Sound(other), false); d > 0.8 {
				t.Errorf("%s (%s) and %s (%s) are %.2f apart", list[0], match.Sound(list[0]), other, match.Sound(other), d)
			}
		}
	}
}

// kinds lists the kinds of the words of a name, for tables.
func kinds(n match.Name) string {
	var out []string
	for _, tok := range n.Tokens {
		k := "word"
		switch {
		case tok.Kind.Has(match.LegalForm):
			k = "form"
		case tok.Kind.Has(match.Number):
			k = "number"
		case tok.Kind.Has(match.Initial):
			k = "initial"
		case tok.Kind.Has(match.Particle):
			k = "particle"
		case tok.Kind.Has(match.Patronymic):
			k = "patronymic"
		case tok.Kind.Has(match.Title):
			k = "title"
		case tok.Kind.Has(match.Stop):
			k = "stop"
		case tok.Kind.Has(match.Place):
			k = "place"
		case tok.Kind.Has(match.Common):
			k = "common"
		}
		out = append(out, k)
	}
	return strings.Join(out, " ")
}

func TestWordsOfNames(t *testing.T) {
	for _, tt := range []struct{ schema, name, want string }{
		{"Person", "Dr. Anna M. von der Berg", "title word initial particle particle word"},
		{"Person", "Ali bin Omar al-Masri", "word particle patronymic particle word"},
		{"Person", "Pyotr Ivanovich Kuznetsov", "word patronymic word"},
		{"Person", "Trần Lê", "word word"},
		{"Company", "Nordlicht Handels GmbH", "word common form"},
		{"Company", "ООО «Северный Ветер»", "form word word"},
		{"Company", "Limited Liability Company Zarya", "form word"},
		{"Company", "School 21", "common number"},
		{"Company", "Brigade Forty 4", "common number"},
		{"Company", "Fund XIV L.P.", "common number form"},
		{"Company", "The Bank of Norway", "stop common stop place"},
		{"Company", "北方贸易有限公司", "word common form"},
		{"Company", "第三贸易公司", "number common"},
		{"Company", "3rd Zarya Fund", "number word common"},
		{"Company", "Harbour Workers Aid Union (HWAU)", "word common word common"},
		{"Vessel", "Hellenic Dawn II", "place word number"},
	} {
		if got := kinds(match.Prepare(tt.schema, tt.name)); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestNamesThatMeanTheSame(t *testing.T) {
	for _, tt := range []struct {
		schema, left, right string
		same                bool
	}{
		{"Person", "Katharina Osterwald", "OSTERWALD, Katharina", true},
		{"Person", "K. Osterwald", "Katharina Osterwald", true},
		{"Person", "Yevgenij Tschernyshow", "Евгений Чернышёв", true},
		{"Person", "Γιώργος Παπανδρέου", "Giorgos Papandreou", true},
		{"Person", "გიორგი ბერიძე", "Giorgi Beridze", true},
		{"Person", "Արամ Պետրոսյան", "Aram Petrosyan", true},
		{"Person", "خالد المنصوري", "Khalid al-Mansouri", true},
		{"Person", "Abd al-Rahman Tawfiq", "Abdurrahman Tawfik", true},
		{"Person", "박지성", "Park Ji-sung", true},
		{"Person", "王小明", "Wang Xiaoming", true},
		{"Person", "Bob Whitfield", "Robert Whitfield", true},
		{"Person", "JC Osterwald", "Jean-Claude Osterwald", true},
		{"Person", "KM Osterwald", "Katharina Osterwald", true},
		{"Person", "TS Osterwald", "Katharina Osterwald", false},
		{"Person", "Katharina Osterwald", "Katharina Lindqvist", false},
		{"Person", "Karim bin Yusuf Haddad", "Yusuf bin Karim Haddad", false},
		{"Company", "Nordlicht GmbH", "Nordlicht Gesellschaft mit beschränkter Haftung", true},
		{"Company", "ООО Северный Ветер", "Severny Veter LLC", true},
		{"Company", "Zarya School 12", "Zarya School 21", false},
		{"Company", "Nordlicht Bank", "Nordlicht Brewery", false},
		{"Address", "14b Osterwald Street", "14 B Osterwald St", true},
		{"Company", "KZB Osterwald", "KZP Osterwald", false},
		{"Company", "شركة أوسترفالد للتجارة ذ.م.م", "Osterwald Trading Company LLC", true},
		{"Company", "大洋贸易有限公司", "Dayang Trading Co., Ltd.", true},
		{"Organization", "NSPU", "Northern Seed Producers Union (NSPU)", true},
		{"Vessel", "MV Hellenic Dawn", "Hellenic Dawn", true},
		{"Company", "Fund XIV L.P.", "Fund 14 LP", true},
		{"Person", "Harald Lindqvist", "Harald Lindqvist Jr.", true},
		{"Person", "Harald Lindqvist Sr", "Harald Lindqvist, Jr.", false},
		{"Person", "Harald Lindqvist III", "Harald Lindqvist II", false},
		{"Person", "Mario Barrios", "Maria Barrios", false},
		{"Person", "Frances K. Osterwald", "Frances M. Osterwald", false},
		{"Person", "W. Osterwald", "Viktor Osterwald", false},
		{"Person", "В. Остервальд", "Wiktor Osterwald", true},
		{"Company", "Silver Moose", "Silver Goose", false},
		{"Company", "Zarya Electric Services", "Zarya Electrical Service", true},
		{"Person", "عبد القادر المنصوري", "Abdulqadir Al-Mansouri", true},
		{"Person", "ማርቆስ ገብረሕይወት", "Markos Gebrehiwot", true},
		{"Person", "နေမျိုးအောင်", "Nay Myo Aung", true},
		{"Person", "วิชัย ทองสุข", "Wichai Thongsuk", true},
		{"Person", "성희영", "Sung Hee Young", true},
		{"Person", "Ana E. Osterwald", "Ana R. Osterwald", false},
		{"Person", "Mohd. Osterwald", "Muhammad Osterwald", true},
		{"Person", "x", "y", false},
		{"Person", strings.Repeat("a", 100_000), strings.Repeat("b", 100_000), false},
	} {
		a, b := match.Prepare(tt.schema, tt.left), match.Prepare(tt.schema, tt.right)
		r := match.CompareNames(&a, &b)
		if r.Match != tt.same {
			t.Errorf("%s | %s: score %.3f, want match %v; %+v", tt.left, tt.right, r.Score, tt.same, r.Features)
		}
	}
}

func TestPlatesAsTheyAreTold(t *testing.T) {
	for text, want := range map[string]string{
		"BD51 KXR": "BD51KXR", "bd51": "BD51", "BD51 ***": "BD51***", "something BD51": "BD51*", "ends in KXR": "*KXR", "beginnt mit KM": "KM*",
		"NBWT irgendwas": "NBWT*", "OSM irgendwas": "OSM*", "I think it starts with ALS": "ALS*", "У551 что-то": "Y551*", "STARTS WITH KXR": "KXR*", "quelque chose DZ 86": "DZ86*",
		"А123ВС77": "A123BC77", "...KXR": "*KXR",
	} {
		if got := match.Plate(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for _, tt := range []struct {
		a, b     string
		low, top float64
	}{
		{"BD51KXR", "BD51KXR", 1, 1},
		{"BD51KXR", "8D51KXR", 0.7, 0.8},
		{"BD51", "BD51KXR", 0.5, 0.6},
		{"*KXR", "BD51KXR", 0.4, 0.5},
		{"BD52*", "BD51KXR", 0, 0},
		{"BD51KXR", "YT63HNB", 0, 0},
		{"B?51*", "BD51KXR", 0.4, 0.5},
	} {
		if got := match.PlateShare(tt.a, tt.b); got < tt.low || got > tt.top || got != match.PlateShare(tt.b, tt.a) {
			t.Errorf("%s, %s: %.2f, want %.1f–%.1f both ways", tt.a, tt.b, got, tt.low, tt.top)
		}
	}
}

func TestAgesAsTheyAreTold(t *testing.T) {
	for text, want := range map[string][2]int{
		"about 30": {27, 33}, "in his thirties": {30, 39}, "early 40s": {39, 44}, "mid 20s": {22, 27}, "Mitte dreißig": {32, 37}, "unos 45": {42, 48},
		"entre 28 y 33": {27, 34}, "лет 50": {47, 53}, "حوالي 25": {22, 28}, "teenager": {13, 19}, "": {0, 0}, "tall": {0, 0},
	} {
		low, high := match.Age(text)
		if low != want[0] || high != want[1] {
			t.Errorf("%q: %d–%d, want %d–%d", text, low, high, want[0], want[1])
		}
	}
}

func TestArabicNamesAsTheyAreTold(t *testing.T) {
	for _, c := range []struct {
		schema, left, right string
		least, most         float64
	}{
		{"Person", "خلودي الصغير ا.", "خالد البيطار", 0.2, 1}, // "little Khaludi A.": the letter is the article's
		{"Person", "محمد الصغير", "محمد الكبير", 0, 0.45},     // two family names
		{"Company", "المصرف الأهلي", "مصرف الأهلي", 0.8, 1},   // the article changes nothing
		{"Person", "خالد البيطار", "Khaled al-Bitar", 0.8, 1},
	} {
		a, b := match.Prepare(c.schema, c.left), match.Prepare(c.schema, c.right)
		if s := match.ScoreNames(&a, &b); s < c.least || s > c.most {
			t.Errorf("%s and %s score %.3f, want %.2f to %.2f", c.left, c.right, s, c.least, c.most)
		}
	}
}

// First letters stand for a person beside another name only, and a title or a
// little word is no acronym of anybody.
func TestFirstLettersAloneAreNobodysName(t *testing.T) {
	score := func(schema, a, b string) float64 {
		x, y := match.Prepare(schema, a), match.Prepare(schema, b)
		return match.ScoreNames(&x, &y)
	}
	for _, c := range [][3]string{
		{"Person", "Bitar, Ahd", "Awes, Hassan Dahir"},
		{"Person", "Abu-Marzuq, Dr. Musa", "Dayyub, Rajab"},
		{"Person", "Jalili, Rasoul", "Sali Jr., Jainal Antel"},
		{"Organization", "Basque Fatherland and Liberty", "Academy of National Defense Science"},
	} {
		if got := score(c[0], c[1], c[2]); got > 0.05 {
			t.Errorf("%q and %q: %.3f", c[1], c[2], got)
		}
	}
	if got := score("Organization", "KMC", "Kora Media Corporation Ltd"); got < 0.5 {
		t.Errorf("of a company: %.3f", got)
	}
}
