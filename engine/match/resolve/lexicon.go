// SPDX-License-Identifier: Apache-2.0

package resolve

import (
	"slices"
	"strings"
	"sync"
)

// meaning is what a word of a header says about a column.
type meaning uint8

const (
	meansRecord   meaning = iota // the record itself: nothing but its id
	meansCode                    // some number or code, of the record or of something else
	meansAnswer                  // the answer
	meansSource                  // where the record comes from
	meansRegister                // a number that a register gave
	meansBirth                   // a birth
	meansDate
	meansYear
	meansMonth
	meansDay
	meansPhone
	meansEmail
	meansPostcode
	meansHouse // a house or flat, of which a number follows
	meansPlace
	meansAddress
	meansGiven
	meansFamily
	meansName // a name of persons or organisations, or the rest of a name
	meansCategory
	meanings
)

// lexicon lists the words that headers are made of, in English, German, French,
// Spanish, Italian, Portuguese, Dutch, the Scandinavian languages, Polish, Russian
// and Arabic. Marks and scripts fold as those of values do.
var lexicon = [meanings]string{
	meansRecord: `id uid uuid guid key index identifier identifiant identificador identificativo rec record recid recordid rowid
		row zeile ligne fila lfd lobenr lopnr laufnummer ид`,
	meansCode: `no nr num number numero nummer numer code kode codigo codice kod ref reference referenz номер رقم nro nbr n`,
	meansAnswer: `cluster clusters ent entity truth true gold golden label match matched duplicate duplicates dup dups dupe
		master`,
	meansSource: `source dataset datasource quelle origine fuente kilde bron`,
	meansRegister: `ssn soc social nino nhs passport pass reisepass passeport pasaporte passaporto tax vat licence license
		imei lei national tin cpr cvr medicare insurance registration plate vin iban bic account konto kontonr dni nie nif cif nir
		siren siret bsn kvk pesel nip regon inn ogrn инн снилс ust ustid ustidnr mwst steuernummer steuer handelsregister hrb
		personnummer personnr orgnr fiscal fiscale iva tva rut curp rfc eori duns isin паспорт`,
	meansBirth: `dob birth birthdate dateofbirth birthday born geburtsdatum geburtstag geboren geb gebdat naissance ne
		nacimiento nascita nascimento geboortedatum fodselsdato fodselsdag fodt fodelsedatum fodd urodzenia рождения الميلاد bdate`,
	meansDate:  `date dat datum fecha data dato dt когда дата تاريخ since founded gegrundet gruendung`,
	meansYear:  `year yob by birthyear byear yr jahr jahrgang annee ano anno ar aar fodselsar rok год geburtsjahr`,
	meansMonth: `month mob bm birthmonth mon bmonth monat mois mes mese maned manad miesiac месяц geburtsmonat`,
	meansDay:   `day bd bday tag jour dia giorno dag dzien день geburtstag`,
	meansPhone: `phone tel telephone mobile cell phonenumber fax telefon telefonnr telefonnummer handy mobil movil telefono
		telefone celular cellulare portable tlf telefoon gsm komorka телефон الهاتف هاتف`,
	meansEmail: `email mail courriel correo epost почта البريد`,
	meansPostcode: `postcode zip zipcode postal postalcode plz pcode postleitzahl cap cp postnr postnummer
		kodpocztowy индекс`,
	meansHouse: `street house st building flat unit haus hus hausnr hausnummer husnr housenumber`,
	meansPlace: `city town suburb suburbs place locality village municipality birthplace ort wohnort stadt gemeinde geburtsort
		ville commune lieu ciudad localidad poblacion municipio lugar citta comune luogo cidade localidade by kommune sted stad
		plaats woonplaats gemeente miasto miejscowosc город населенный المدينة مدينة`,
	meansAddress: `address addr street road adresse anschrift strasse str rue voie direccion calle domicilio indirizzo via
		endereco rua adres straat adresa ulica gade vej adress gata адрес улица العنوان`,
	meansGiven: `given first forename forenames fname firstname givenname givennames vorname vornamen rufname prenom prenoms
		middle middlename mname fornavn fornamn voornaam imie pila имя отчество christian`,
	meansFamily: `surname last lname lastname family familyname sname nachname familienname zuname maiden geburtsname
		apellido apellidos cognome sobrenome apelido efternavn etternavn efternamn achternaam nazwisko фамилия اللقب العائلة`,
	meansName: `name names fullname company organisation organization firm business person label nom nombre nome navn namn naam
		nazwa наименование название firma firmenname unternehmen societe entreprise empresa azienda ditta raisonsociale ragione
		virksomhed bedrijf الاسم اسم фио`,
	meansCategory: `sex gender state country nationality province county region title race ethnicity geschlecht anrede land
		staat bundesland staatsangehorigkeit sexe civilite pays nationalite sexo genero pais nacionalidad provincia sesso
		nazione kon koen kjonn plec kraj пол страна الجنس`,
}

// stems are parts of words that compounds are made of.
var stems = []struct {
	part string
	says meaning
}{
	{"geburtsdat", meansBirth},
	{"birthdat", meansBirth},
	{"naissance", meansBirth},
	{"nacimiento", meansBirth},
	{"nascita", meansBirth},
	{"fodselsda", meansBirth},
	{"telefon", meansPhone},
	{"phone", meansPhone},
	{"email", meansEmail},
	{"postleit", meansPostcode},
	{"zipcode", meansPostcode},
	{"strasse", meansAddress},
	{"adress", meansAddress},
	{"vorname", meansGiven},
	{"nachname", meansFamily},
	{"familienname", meansFamily},
	{"prenom", meansGiven},
	{"apellido", meansFamily},
	{"firstname", meansGiven},
	{"lastname", meansFamily},
	{"surname", meansFamily},
	{"givenname", meansGiven},
}

// byWord holds what each word means; it is built once.
var byWord = sync.OnceValue(func() map[string][]meaning {
	out := map[string][]meaning{}
	for m, list := range lexicon {
		for w := range strings.FieldsSeq(list) {
			w = compact(normalise(w))
			if !slices.Contains(out[w], meaning(m)) {
				out[w] = append(out[w], meaning(m))
			}
		}
	}
	return out
})

// header is a column's name as far as it is understood.
type header struct {
	words []string
	means [meanings]bool
}

// understand reads a column's name.
func understand(name string) header {
	h := header{words: words(name)}
	known := byWord()
	learn := func(w string) bool {
		for _, m := range known[w] {
			h.means[m] = true
		}
		return len(known[w]) > 0
	}
	for _, w := range h.words {
		if learn(w) {
			continue
		}
		for _, s := range stems {
			if strings.Contains(w, s.part) {
				h.means[s.says] = true
			}
		}
		for _, end := range []string{"nummer", "number", "nr", "id"} {
			if len(w) > len(end)+2 && strings.HasSuffix(w, end) {
				h.means[meansCode] = true
				learn(strings.TrimSuffix(w, end))
			}
		}
	}
	if len(h.words) > 1 && len(h.words) < 4 {
		learn(strings.Join(h.words, ""))
	}
	return h
}

// says reports whether any of the meanings is in the name.
func (h header) says(any ...meaning) bool {
	return slices.ContainsFunc(any, func(m meaning) bool { return h.means[m] })
}

// only reports whether the name has no other meaning than these.
func (h header) only(these ...meaning) bool {
	for m, is := range h.means {
		if is && !slices.Contains(these, meaning(m)) {
			return false
		}
	}
	return true
}
