// SPDX-License-Identifier: Apache-2.0

package resolve_test

import (
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/engine/match/resolve"
)

func TestColumnsAreGuessed(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{
			"a register", "person_id,First Name,lastName,DOB,e-mail,Phone,zip\n" +
				"a1,Ann,Lee,1990-02-03,ann@x.org,+45 12 34 56 78,2100\nb2,Bo,Ray,1991-04-05,bo@y.org,+45 87 65 43 21,8000\n",
			"person_id=record-id First Name=given lastName=family DOB=date e-mail=email Phone=phone zip=postcode",
		},
		{
			"dates in three columns", "id,by,bm,bd,fname_c1\n1,1950,1,2,ANN\n2,1960,3,4,BO\n3,1970,12,31,CY\n",
			"id=record-id by=year bm=month bd=day fname_c1=given",
		},
		{
			"answers are not looked at", "unique_id,surname,cluster\n1,Lee,7\n2,Ray,8\n",
			"unique_id=record-id surname=family cluster=ignore",
		},
		{
			"a whole name that repeats its parts", "id,full_name,given,surname\n1,Ann Lee,Ann,Lee\n2,Bo Ray,Bo,Ray\n",
			"id=record-id full_name=ignore given=given surname=family",
		},
		{
			"one value says nothing", "id,name,source\n1,Ann,x\n2,Bo,x\n3,Cy,x\n",
			"id=record-id name=name source=ignore",
		},
		{
			"an id that comes twice", "id,name\na1,Ann\na2,Bo\na2,Cy\na4,Di\n",
			"id=record-id name=name",
		},
		{
			"an id that is not the records' own is no evidence", "id,name\na,Ann\na,Bo\na,Cy\nb,Di\n",
			"id=ignore name=name",
		},
		{
			"no name for the record", "surname,house_no\nLee,1\nRay,2\nLee,3\n",
			"surname=family house_no=number",
		},
		{
			"German", "Nachname;Vorname;Geburtsdatum;Straße;Hausnr;PLZ;Wohnort;Telefonnummer;E-Mail;USt-IdNr\n" +
				"Lee;Ann;24.12.80;Allee;3;12345;Ulm;0301234567;a@x.org;DE123456789\nRay;Bo;25.11.81;Weg;4;12346;Bonn;0301234568;b@y.org;DE123456780\n",
			"Nachname=family Vorname=given Geburtsdatum=date Straße=address Hausnr=number PLZ=postcode Wohnort=place " +
				"Telefonnummer=phone E-Mail=email USt-IdNr=identifier",
		},
		{
			"German, where Name is what is not Vorname", "Name;Vorname;geb.\nLee;Ann;24.12.1980\nRay;Bo;25.11.1981\n",
			"Name=family Vorname=given geb.=date",
		},
		{
			"French", "nom;prénom;date de naissance;sexe;adresse;code postal;ville\nLee;Ann;24/12/1980;F;rue A 1;75001;Paris\nRay;Bo;25/11/1981;M;rue B 2;75002;Lyon\n",
			"nom=family prénom=given date de naissance=date sexe=category adresse=address code postal=postcode ville=place",
		},
		{
			"Spanish, where nombre is what is not apellidos", "nombre\tapellidos\tfecha_nacimiento\tciudad\tmovil\nAnn\tLee\t19801224\tVigo\t612345678\nBo\tRay\t19811125\tLugo\t612345679\n",
			"nombre=given apellidos=family fecha_nacimiento=date ciudad=place movil=phone",
		},
		{
			"Danish, where by is a town", "fornavn;efternavn;fødselsdato;postnr;by;tlf\nAnn;Lee;24121980;2100;Aarhus;12345678\nBo;Ray;25111981;8000;Ribe;87654321\n",
			"fornavn=given efternavn=family fødselsdato=date postnr=postcode by=place tlf=phone",
		},
		{
			"Russian", "имя;фамилия;дата рождения;город\nАнна;Ли;24.12.1980;Тула\nБорис;Рэй;25.11.1981;Омск\n",
			"имя=given фамилия=family дата рождения=date город=place",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			table, _ := read(t, c.text)
			if got := resolve.Guess(table).String(); got != c.want {
				t.Errorf("guessed %s\nwant    %s", got, c.want)
			}
		})
	}
}

func TestKindsReadBackAsTheyAreWritten(t *testing.T) {
	for kind := resolve.Ignore; kind <= resolve.Text; kind++ {
		text, err := kind.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var back resolve.Kind
		if err := back.UnmarshalText(text); err != nil || back != kind {
			t.Errorf("%s read back as %s, %v", kind, back, err)
		}
	}
	if _, err := resolve.ParseKind("nonsense"); err == nil || !strings.Contains(err.Error(), "record-id") {
		t.Errorf("unknown kind: %v, want the kinds there are", err)
	}
}

func TestDatesAreReadAsTheyAreWritten(t *testing.T) {
	american, german := []string{"12/31/1980", "06/30/1970"}, []string{"31.12.80", "30.06.70"}
	for _, c := range []struct {
		value  string
		others []string // in the column
		want   string
	}{
		{"19300213", nil, "19300213"},
		{"1971-06-24", nil, "19710624"},
		{"1971-06-24T10:11:12Z", nil, "19710624"},
		{"1971-06-24 00:00:00", nil, "19710624"},
		{"24/06/1971", nil, "19710624"},
		{"06/24/1971", american, "19710624"},
		{"06/07/1971", american, "19710607"},
		{"06/07/1971", nil, "19710706"},
		{"06/24/1971", []string{"31/12/1980", "30/06/1970"}, "19710624"}, // there is no month 24
		{"24061971", []string{"31121980", "30061970"}, "19710624"},
		{"06241971", []string{"12311980", "06301970"}, "19710624"},
		{"24.06.71", german, "19710624"},
		{"24.06.05", german, "20050624"},
		{"06-24-71", []string{"12-31-80"}, "19710624"},
		{"710624", nil, "19710624"},
		{"240671", []string{"311280", "300670"}, "19710624"},
		{"24 June 1971", nil, "19710624"},
		{"June 24, 1971", nil, "19710624"},
		{"24-JUN-71", nil, "19710624"},
		{"24. März 1971", nil, "19710324"},
		{"24 juillet 1971", nil, "19710724"},
		{"24 de diciembre de 1971", nil, "19711224"},
		{"1971", nil, "19710000"},
		{"1971-06", nil, "19710600"},
		{"06/1971", nil, "19710600"},
		{"1971-99-99", nil, "19710000"},
		{"1971-21-05", []string{"1971-12-31", "1970-06-30"}, "19712105"}, // a slip, kept as it was written
		{"yesterday", nil, "00000000"},
		{"", nil, "00000000"},
	} {
		if got := resolve.Date8(append([]string{c.value}, c.others...)...); got != c.want {
			t.Errorf("%q among %v reads as %s, want %s", c.value, c.others, got, c.want)
		}
	}
}
