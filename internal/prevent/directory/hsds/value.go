// SPDX-License-Identifier: AGPL-3.0-or-later

package hsds

import (
	"fmt"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/turnstone-project/turnstone/internal/prevent/directory/hours"
)

// MaxValue is the length of a value in bytes.
const MaxValue = 64 << 10

// flaw is what is wrong with a value.
type flaw struct {
	effect       Effect
	wrong, right string
}

func out(wrong, right string) *flaw { return &flaw{ValueOut, wrong, right} }

var (
	uuidForm  = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	emailForm = regexp.MustCompile(`^[^@\s<>"]+@[^@\s<>"]+\.[^@\s<>"]+$`)
	timeForm  = regexp.MustCompile(`^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.0+)?)?(Z|[+-]\d{2}:?\d{2})?$`)
	clockForm = regexp.MustCompile(`(?i)^(\d{1,2})(?::(\d{2}))?\s*([ap])\.?m\.?$`)
	longBlank = regexp.MustCompile(`[ \t]{200,}`)
)

// read gives a value as the standard has it. A flaw may come with a value
// (mended) or without.
func (f Field) read(raw, source string) (string, *flaw) {
	if len(raw) > MaxValue {
		return "", out(fmt.Sprintf("the value has %d bytes", len(raw)), fmt.Sprintf("at most %d", MaxValue))
	}
	if !utf8.ValidString(raw) {
		return "", out("the text is not UTF-8", "save the file as UTF-8")
	}
	value, mended := tidy(raw)
	if value == "" {
		return "", mended
	}
	kind, f2 := value, mended
	switch f.Kind {
	case ID, Ref:
		kind, f2 = readID(value, source)
	case Email:
		if !emailForm.MatchString(value) || len(value) > 254 {
			return "", out(quote(value)+" is no address of e-mail", "write name@example.org")
		}
	case URI:
		kind, f2 = readURI(value)
	case Number:
		kind, f2 = readNumber(value)
	case Timezone:
		kind, f2 = readZone(value)
	case Date:
		kind, f2 = readDate(value)
	case DateTime:
		kind, f2 = readDateTime(value)
	case Time:
		kind, f2 = readTime(value)
	case Enum:
		kind, f2 = f.readEnum(value)
	case Text:
		return value, mended
	}
	if f2 == nil {
		f2 = mended
	}
	return kind, f2
}

// tidy takes away what no value means: space around it, and characters that
// can't be seen and steer what shows them.
func tidy(raw string) (string, *flaw) {
	value := strings.TrimSpace(raw)
	var mended *flaw
	if value != raw {
		mended = &flaw{Mended, "there is space around the value", "write it without"}
	}
	clean := strings.Map(func(c rune) rune {
		if c < ' ' && c != '\n' && c != '\t' && c != '\r' || c == 0x7f || c == 0xfeff || c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 {
			return -1
		}
		return c
	}, value)
	clean = strings.ReplaceAll(clean, "\r\n", "\n")
	clean = strings.TrimSpace(strings.ReplaceAll(clean, "\r", "\n"))
	if longBlank.MatchString(clean) {
		clean = longBlank.ReplaceAllString(clean, " ")
	}
	if clean != value {
		mended = &flaw{Mended, "the value has characters that can't be seen", "write it without"}
	}
	return clean, mended
}

func readID(value, source string) (string, *flaw) {
	if lower := strings.ToLower(value); uuidForm.MatchString(lower) {
		if lower != value {
			return lower, &flaw{Mended, "the id has capital letters", "write it in small ones"}
		}
		return value, nil
	}
	made := MakeID("id", source, value)
	return made, &flaw{Mended, "the id " + quote(value) + " is no UUID", "it becomes " + made}
}

func readURI(value string) (string, *flaw) {
	const right = "write https://example.org/page"
	if strings.ContainsAny(value, " \n\t<>\"\\") {
		return "", out(quote(value)+" is no address of the web", right)
	}
	scheme, _, ok := strings.Cut(value, ":")
	if !ok || strings.Contains(scheme, ".") || strings.Contains(scheme, "/") { // www.example.org, example.org:8080/x
		host, _, _ := strings.Cut(value, "/")
		if !strings.Contains(strings.Trim(host, "."), ".") {
			return "", out(quote(value)+" is no address of the web", right)
		}
		u, err := url.Parse("http://" + value)
		if err != nil || u.Host == "" || u.User != nil { // anna@example.org
			return "", out(quote(value)+" is no address of the web", right)
		}
		return "http://" + value, &flaw{Mended, "the address " + quote(value) + " lacks its beginning", "it becomes http://" + short(value, 60)}
	}
	u, err := url.Parse(value)
	if err != nil {
		return "", out(quote(value)+" is no address of the web", right)
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		if u.Host == "" || u.User != nil {
			return "", out(quote(value)+" names no site, or a password with it", right)
		}
		return value, nil
	case "mailto", "tel", "urn":
		return value, nil
	}
	return "", out(quote(value)+" has a scheme that is never followed", "use http or https")
}

func readNumber(value string) (string, *flaw) {
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) || strings.ContainsAny(value, "xXpP_") {
		return "", out(quote(value)+" is no number", "write 12 or -0.5")
	}
	return strconv.FormatFloat(n, 'f', -1, 64), nil
}

// readZone reads an offset from UTC in hours, or the name of a zone, which the
// reader turns into an attribute because the standard has no place for it.
func readZone(value string) (string, *flaw) {
	if n, err := strconv.ParseFloat(value, 64); err == nil {
		if n < -12 || n > 14 || n*4 != math.Trunc(n*4) {
			return "", out("no place has the offset "+quote(value)+" from UTC", "write hours from -12 to 14")
		}
		return strconv.FormatFloat(n, 'f', -1, 64), nil
	}
	if ZoneExists(value) {
		return value, nil
	}
	return "", out("there is no time zone "+quote(value), "write hours from UTC, or a name such as Europe/Copenhagen")
}

// ZoneExists reports whether name is the name of a time zone.
func ZoneExists(name string) bool {
	_, ok := hours.Zone(name)
	return ok
}

const day = "2006-01-02"

func saneYear(t time.Time) bool { return t.Year() >= 1800 && t.Year() <= 2200 }

func readDate(value string) (string, *flaw) {
	if t, err := time.Parse(day, value); err == nil && saneYear(t) {
		return value, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(layout, value); err == nil && saneYear(t) {
			return t.Format(day), &flaw{Mended, "a time stands where a day is wanted", "it becomes " + t.Format(day)}
		}
	}
	return "", out(quote(value)+" is no day that exists", "write a day as 2026-11-26")
}

func readDateTime(value string) (string, *flaw) {
	if t, err := time.Parse(time.RFC3339, value); err == nil && saneYear(t) {
		return value, nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", day} {
		if t, err := time.Parse(layout, value); err == nil && saneYear(t) {
			utc := t.UTC().Format(time.RFC3339)
			return utc, &flaw{Mended, "the time " + quote(value) + " names no zone", "it is taken as UTC: " + utc}
		}
	}
	return "", out(quote(value)+" is no time that exists", "write a time as 2026-11-26T09:30:00Z")
}

func readTime(value string) (string, *flaw) {
	if m := timeForm.FindStringSubmatch(value); m != nil {
		h, _ := strconv.Atoi(m[1])
		minute, _ := strconv.Atoi(m[2])
		s, _ := strconv.Atoi(m[3]) // absent: 0
		offset := strings.ReplaceAll(m[4], ":", "")
		sane := len(offset) < 5 || offset[1:3] <= "14" && offset[3:5] < "60"
		if h <= 24 && minute < 60 && s < 60 && (h < 24 || minute+s == 0) && sane {
			whole := fmt.Sprintf("%02d:%02d:%02d%s", h, minute, s, m[4])
			if len(m[1]) == 1 {
				return whole, &flaw{Mended, "the hour has one digit", "it becomes " + whole}
			}
			return whole, nil
		}
	}
	if m := clockForm.FindStringSubmatch(value); m != nil {
		h, _ := strconv.Atoi(m[1])
		minute, _ := strconv.Atoi(m[2])
		if h >= 1 && h <= 12 && minute < 60 {
			h %= 12
			if strings.EqualFold(m[3], "p") {
				h += 12
			}
			whole := fmt.Sprintf("%02d:%02d:00", h, minute)
			return whole, &flaw{Mended, "the time " + quote(value) + " is written with am or pm", "it becomes " + whole}
		}
	}
	return "", out(quote(value)+" is no time of a day", "write a time as 09:30")
}

func (f Field) readEnum(value string) (string, *flaw) {
	if slices.Contains(f.Values, value) {
		return value, nil
	}
	for _, v := range f.Values {
		if strings.EqualFold(v, strings.ReplaceAll(value, "_", " ")) {
			return v, &flaw{Mended, quote(value) + " is written otherwise in the standard", "it becomes " + v}
		}
	}
	return "", out(quote(value)+" is not one of the values of the standard", "write one of: "+strings.Join(f.Values, ", "))
}
