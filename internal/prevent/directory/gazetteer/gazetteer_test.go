// SPDX-License-Identifier: AGPL-3.0-or-later

package gazetteer_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/prevent/directory/gazetteer"
)

// far returns kilometres, flat.
func far(lat1, long1, lat2, long2 float64) float64 {
	return 111.2 * math.Hypot(lat2-lat1, (long2-long1)*math.Cos(lat1*math.Pi/180))
}

// Towns with their coordinates and the beginnings of their postcodes, written
// down from public knowledge before there was a table.
var known = []struct {
	name, country string
	lat, long     float64
	codes         string
}{
	{"London", "GB", 51.51, -0.13, "EC SW W WC N"},
	{"Birmingham", "GB", 52.48, -1.90, "B"},
	{"Manchester", "GB", 53.48, -2.24, "M"},
	{"Liverpool", "GB", 53.41, -2.98, "L"},
	{"Leeds", "GB", 53.80, -1.55, "LS"},
	{"Sheffield", "GB", 53.38, -1.47, "S"},
	{"Bradford", "GB", 53.79, -1.75, "BD"},
	{"Bristol", "GB", 51.45, -2.59, "BS"},
	{"Newcastle upon Tyne", "GB", 54.98, -1.61, "NE"},
	{"Nottingham", "GB", 52.95, -1.15, "NG"},
	{"Coventry", "GB", 52.41, -1.51, "CV"},
	{"Hull", "GB", 53.74, -0.34, "HU"},
	{"York", "GB", 53.96, -1.08, "YO"},
	{"Norwich", "GB", 52.63, 1.30, "NR"},
	{"Oxford", "GB", 51.75, -1.26, "OX"},
	{"Plymouth", "GB", 50.37, -4.14, "PL"},
	{"Truro", "GB", 50.26, -5.05, "TR"},
	{"Cardiff", "GB", 51.48, -3.18, "CF"},
	{"Swansea", "GB", 51.62, -3.94, "SA"},
	{"Edinburgh", "GB", 55.95, -3.19, "EH"},
	{"Glasgow", "GB", 55.86, -4.25, "G"},
	{"Aberdeen", "GB", 57.15, -2.09, "AB"},
	{"Dundee", "GB", 56.46, -2.97, "DD"},
	{"Inverness", "GB", 57.48, -4.22, "IV"},
	{"Belfast", "GB", 54.60, -5.93, "BT"},
	{"København", "DK", 55.68, 12.57, "1 2"},
	{"Aarhus", "DK", 56.16, 10.20, "80 82"},
	{"Odense", "DK", 55.40, 10.39, "50 52"},
	{"Aalborg", "DK", 57.05, 9.92, "90 94"},
	{"Esbjerg", "DK", 55.47, 8.45, "67"},
	{"Randers", "DK", 56.46, 10.04, "89"},
	{"Kolding", "DK", 55.49, 9.47, "60"},
	{"Horsens", "DK", 55.86, 9.85, "87"},
	{"Vejle", "DK", 55.71, 9.54, "71"},
	{"Roskilde", "DK", 55.64, 12.08, "40"},
	{"Herning", "DK", 56.14, 8.97, "74"},
	{"Silkeborg", "DK", 56.17, 9.55, "86"},
	{"Viborg", "DK", 56.45, 9.40, "88"},
	{"Helsingør", "DK", 56.04, 12.61, "30"},
	{"Næstved", "DK", 55.23, 11.76, "47"},
	{"Sønderborg", "DK", 54.91, 9.79, "64"},
	{"Nykøbing Falster", "DK", 54.77, 11.87, "48"},
	{"Rønne", "DK", 55.10, 14.70, "37"},
	{"Thisted", "DK", 56.96, 8.69, "77"},
	{"Hjørring", "DK", 57.46, 9.98, "98"},
}

func TestTownsAreWhereTheyAre(t *testing.T) {
	for _, k := range known {
		found := gazetteer.Find(k.name, "")
		if len(found) == 0 || found[0].Country != k.country || far(k.lat, k.long, found[0].Lat, found[0].Long) > 5 {
			t.Errorf("%s: %+v", k.name, found)
		}
		for code := range strings.FieldsSeq(k.codes) {
			reach := 35.0
			if code == "IV" || code == "SA" || code == "LL" {
				reach = 80 // large, and their town at an end
			}
			if p, ok := gazetteer.Code(k.country, code); !ok || far(k.lat, k.long, p.Lat, p.Long) > reach {
				t.Errorf("%s of %s: %+v %v", code, k.name, p, ok)
			}
		}
	}
}

// However people write a name: case, accents, two letters for one, in Welsh,
// English or Arabic.
func TestNamesAreFoundHoweverTheyAreWritten(t *testing.T) {
	for name, ways := range map[string]string{
		"København": "kobenhavn|KØBENHAVN|Koebenhavn|Copenhagen|kjøbenhavn|كوبنهاغن|København ", "Aarhus": "Århus|aarhus|ARHUS|A\u030Arhus", "Rønne": "ronne|Roenne|RØNNE", "Ærøskøbing": "aeroskobing|Aeroeskoebing|ærøskøbing",
		"Åkirkeby": "Aakirkeby|akirkeby", "Helsingør": "Elsinore|helsingor|Helsingoer", "Cardiff": "Caerdydd|CARDIFF", "Swansea": "Abertawe", "St Albans": "Saint Albans|st. albans|ST ALBANS|Saint-Albans",
		"Leeds": "ليدز|leeds", "London": "لندن|londres", "Derry/Londonderry": "Derry|Londonderry|Doire", "Newcastle upon Tyne": "Newcastle-upon-Tyne|newcastle", "Bishop’s Stortford": "Bishops Stortford|bishop's stortford",
	} {
		for _, way := range append(strings.Split(ways, "|"), name) {
			found := gazetteer.Find(way, "")
			ok := false
			for _, p := range found {
				ok = ok || gazetteer.Fold(p.Name) == gazetteer.Fold(name)
			}
			if !ok {
				t.Errorf("%q does not find %s: %+v", way, name, found)
			}
		}
	}
	for _, nothing := range []string{"", " ", "Atlantis", "!!", "\xff\xfe", strings.Repeat("x", 10_000)} {
		if found := gazetteer.Find(nothing, ""); len(found) > 0 {
			t.Errorf("%.20q finds %+v", nothing, found)
		}
	}
	if found := gazetteer.Find("London", "DK"); len(found) > 0 {
		t.Errorf("London in Denmark: %+v", found)
	}
}

func TestPlacesOfOneNameComeLargestFirst(t *testing.T) {
	found := gazetteer.Find("Newport", "")
	if len(found) < 4 || found[0].Region != "GB-WLS" {
		t.Fatalf("%+v", found)
	}
	for i, p := range found {
		if i > 0 && p.People > found[i-1].People {
			t.Errorf("%+v stands after a smaller one", p)
		}
	}
}

// Every postcode that there can be in Denmark has a place in it, and so has
// every British area.
func TestPostcodesHavePlaces(t *testing.T) {
	for code := 10; code < 100; code++ {
		if _, ok := gazetteer.Code("DK", fmt.Sprint(code)); ok {
			continue
		}
		if _, ok := gazetteer.Code("DK", fmt.Sprint(code/10)); !ok {
			t.Errorf("%d00 is nowhere", code)
		}
	}
	for area := range strings.FieldsSeq("AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G GL GU HA HD HG HP HR HS HU HX IG IP IV KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE") {
		if p, ok := gazetteer.Code("GB", area); !ok || p.Lat < 49.8 || p.Lat > 61 || p.Long < -8.7 || p.Long > 1.8 {
			t.Errorf("%s: %+v %v", area, p, ok)
		}
	}
	if p, ok := gazetteer.Code("GB", "ZE1"); !ok || far(60.15, -1.14, p.Lat, p.Long) > 15 {
		t.Errorf("Lerwick: %+v", p)
	}
	for _, code := range []string{"", "QQ", "SW1A1AA", "sw"} {
		if p, ok := gazetteer.Code("GB", code); ok {
			t.Errorf("%q: %+v", code, p)
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"Århus", "Saint Helens", "Koebenhavn", "كوبنهاغن", "aaae", "\xff", "İstanbul"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		gazetteer.Find(s, "")
		if folded := gazetteer.Fold(s); strings.ContainsAny(folded, " \t|-'") {
			t.Errorf("%q becomes %q", s, folded)
		}
	})
}

func BenchmarkFind(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		gazetteer.Find("Newport", "GB")
	}
}
