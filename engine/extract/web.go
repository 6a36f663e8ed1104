// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// dotAt reads one dot at i, in brackets as careful people write it; n is how
// many signs it takes, 0 for none.
func (s *scan) dotAt(i int) (n int) {
	if s.get(i) == '.' {
		return 1
	}
	if open := s.get(i); open == '[' || open == '(' || open == '{' {
		switch {
		case s.get(i+1) == '.' && closes(s.get(i+2)):
			return 3
		case s.word(i+1, i+4) == "dot" && closes(s.get(i+4)):
			return 5
		}
	}
	return 0
}

func (s *scan) atAt(i int) (n int) {
	if s.get(i) == '@' {
		return 1
	}
	if open := s.get(i); open == '[' || open == '(' || open == '{' {
		switch {
		case s.get(i+1) == '@' && closes(s.get(i+2)):
			return 3
		case s.word(i+1, i+3) == "at" && closes(s.get(i+3)):
			return 4
		}
	}
	return 0
}

// afterAt reports whether an @ in brackets stands before i.
func (s *scan) afterAt(i int) bool {
	if s.get(i-1) == ' ' {
		i--
	}
	return closes(s.get(i-1)) && (s.atAt(i-3) == 3 || s.atAt(i-4) == 4)
}

func closes(c rune) bool { return c == ']' || c == ')' || c == '}' }

func labelRune(c rune) bool { return isAlnum(c) || c == '-' }

// hostAt reads a host's name: labels with dots between them. to is behind its
// last label, which is letters (or an address in digits when numbers is true).
func (s *scan) hostAt(i int) (host string, to, labels int, defanged bool) {
	const longLabel, mostLabels = 63, 10
	var b strings.Builder
	for labels < mostLabels {
		j := i
		for j-i < longLabel && labelRune(s.get(j)) && !s.taken[j] {
			j++
		}
		if j == i || s.get(i) == '-' {
			break
		}
		if labels > 0 {
			b.WriteByte('.')
		}
		for _, c := range s.r[i:j] {
			b.WriteRune(lower(c))
		}
		labels++
		to = j
		n := s.dotAt(j)
		if n == 0 {
			break
		}
		defanged = defanged || n > 1 && isAlnum(s.get(j+n))
		i = j + n
	}
	return b.String(), to, labels, defanged
}

// urls finds web addresses: with a scheme (http, https, and the hxxp of those
// who don't want it to be clicked), with www, or by an end of a host's name.
func urls(s *scan) {
	for i := 0; i < len(s.r); i++ {
		if c := s.r[i]; !isAlnum(c) || isAlnum(s.get(i-1)) || s.taken[i] || s.get(i-1) == '@' || s.get(i-1) == '-' || s.get(i-1) == '.' || s.afterAt(i) {
			continue
		}
		at, scheme := i, false
		switch word := s.word(i, i+9); {
		case strings.HasPrefix(word, "https://"), strings.HasPrefix(word, "hxxps://"):
			at, scheme = i+8, true
		case strings.HasPrefix(word, "http://"), strings.HasPrefix(word, "hxxp://"):
			at, scheme = i+7, true
		case strings.HasPrefix(word, "https[:]"), strings.HasPrefix(word, "hxxps[:]"):
			at, scheme = i+10, true
		case strings.HasPrefix(word, "http[:]/"), strings.HasPrefix(word, "hxxp[:]/"):
			at, scheme = i+9, true
		}
		if value, to := s.urlFrom(at, scheme); to != 0 {
			s.take(URL, value, i, to)
			i = to - 1
			continue
		}
		for isAlnum(s.get(i + 1)) { // the rest of the word can't start one
			i++
		}
	}
}

func (s *scan) urlFrom(i int, scheme bool) (value string, to int) {
	start := i
	if scheme { // somebody's name before the host is not kept
		for j := i; j < i+80 && j < len(s.r) && !strings.ContainsRune("/ ?#", s.r[j]); j++ {
			if s.r[j] == '@' {
				start = j + 1
			}
		}
	}
	host, end, labels, defanged := s.hostAt(start)
	if labels < 2 || s.atAt(end) > 0 && !scheme {
		return "", 0
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	www := strings.HasPrefix(host, "www.") && labels >= 3
	pathOnly, known := s.tables.tlds[last]
	written := s.get(start) == lower(s.get(start))
	bare := written && known && (!pathOnly || s.get(end) == '/') || defanged && isAllLetters(last)
	if !scheme && !www && !bare {
		return "", 0
	}
	if s.get(end) == ':' && isDigit(s.get(end+1)) {
		port := end + 1
		for ; port < end+7 && isDigit(s.get(port)); port++ {
		}
		end = port
	}
	to = s.urlEnd(end)
	rest := string(s.r[end:to])
	return hostOf(host) + pathOf(rest), to
}

func isAllLetters(t string) bool {
	for _, c := range t {
		if !isLetter(c) {
			return false
		}
	}
	return utf8.RuneCountInString(t) >= 2
}

// urlEnd returns where an address ends whose host ends at i: before a space
// or a quote, and without the sentence's own signs.
func (s *scan) urlEnd(i int) int {
	const long = 2048
	if c := s.get(i); c != '/' && c != '?' && c != '#' {
		return i
	}
	j := i
	for ; j < len(s.r) && j < i+long; j++ {
		c := s.r[j]
		if c <= ' ' || strings.ContainsRune("<>\"'`«»“”،؛", c) || s.taken[j] {
			break
		}
	}
	for j > i && strings.ContainsRune(".,;:!?)]", s.r[j-1]) {
		j--
	}
	return j
}

// hostOf writes a host as the network does: other letters as Punycode (RFC
// 3492), full composition first.
func hostOf(host string) string {
	labels := strings.Split(norm.NFKC.String(host), ".")
	for i, l := range labels {
		if ascii(l) {
			continue
		}
		labels[i] = "xn--" + punycode([]rune(l))
	}
	return strings.Join(labels, ".")
}

func ascii(t string) bool {
	for i := range len(t) {
		if t[i] >= 0x80 {
			return false
		}
	}
	return true
}

// pathOf writes path and query as the URL standard does; the fragment never
// leaves a browser, so it names nothing.
func pathOf(rest string) string {
	rest, _, _ = strings.Cut(rest, "#")
	path, query, asked := strings.Cut(rest, "?")
	path = escape(dots(strings.ReplaceAll(path, `\`, "/")), " \"<>`{}^|")
	path = strings.TrimRight(path, ".,;:!?)")
	path = strings.TrimSuffix(path, "/")
	if asked && query != "" {
		path += "?" + escape(query, " \"<>'")
	}
	return path
}

// dots resolves . and .. in a path.
func dots(path string) string {
	if !strings.Contains(path, "/.") {
		return path
	}
	parts := strings.Split(path, "/")
	out := parts[:0:0]
	for i, p := range parts {
		last := i == len(parts)-1
		switch p {
		case ".":
			if last {
				out = append(out, "")
			}
		case "..":
			if len(out) > 1 {
				out = out[:len(out)-1]
			}
			if last {
				out = append(out, "")
			}
		default:
			out = append(out, p)
		}
	}
	return strings.Join(out, "/")
}

func escape(t, unsafe string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(t) {
		if c := t[i]; c >= 0x7F || c < 0x20 || strings.IndexByte(unsafe, c) >= 0 {
			b.WriteString("%" + hex[c>>4:c>>4+1] + hex[c&15:c&15+1])
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// punycode encodes a label (RFC 3492, 6.3).
func punycode(label []rune) string {
	const base, tmin, tmax, skew, damp = 36, 1, 26, 38, 700
	var out strings.Builder
	for _, c := range label {
		if c < 0x80 {
			out.WriteRune(c)
		}
	}
	basic := out.Len()
	if basic > 0 {
		out.WriteByte('-')
	}
	n, delta, bias, done := rune(128), 0, 72, basic
	for done < len(label) {
		next := rune(0x10FFFF)
		for _, c := range label {
			if c >= n && c < next {
				next = c
			}
		}
		delta += int(next-n) * (done + 1)
		n = next
		for _, c := range label {
			if c < n {
				delta++
			}
			if c != n {
				continue
			}
			q := delta
			for k := base; ; k += base {
				t := min(max(k-bias, tmin), tmax)
				if q < t {
					break
				}
				out.WriteByte(digit36(t + (q-t)%(base-t)))
				q = (q - t) / (base - t)
			}
			out.WriteByte(digit36(q))
			d := delta / 2
			if done == basic {
				d = delta / damp
			}
			d += d / (done + 1)
			k := 0
			for d > (base-tmin)*tmax/2 {
				d /= base - tmin
				k += base
			}
			bias = k + (base-tmin+1)*d/(d+skew)
			delta = 0
			done++
		}
		delta++
		n++
	}
	return out.String()
}

func digit36(d int) byte { return "abcdefghijklmnopqrstuvwxyz0123456789"[d] }

// emails finds addresses of e-mail around each @, in brackets too.
func emails(s *scan) {
	const longName = 64
	for i := 0; i < len(s.r); i++ {
		n := s.atAt(i)
		if n == 0 || s.taken[i] {
			continue
		}
		from, end := i, i
		if s.get(from-1) == ' ' && n > 1 {
			from--
			end--
		}
		for from > 0 && end-from < longName && nameRune(s.r[from-1]) && !s.taken[from-1] {
			from--
		}
		for from < end && s.r[from] == '.' {
			from++
		}
		if from == end || s.get(end-1) == '.' || nameRune(s.get(from-1)) && s.get(from-1) != '.' {
			continue
		}
		at := i + n
		if n > 1 && s.get(at) == ' ' {
			at++
		}
		if !isAlnum(s.get(at)) {
			continue
		}
		host, to, labels, _ := s.hostAt(at)
		if labels < 2 || s.get(to) == '@' || !isAllLetters(host[strings.LastIndexByte(host, '.')+1:]) {
			continue
		}
		value := s.word(from, end) + "@" + host
		s.take(Email, norm.NFKC.String(value), from, to)
		i = to - 1
	}
}

func nameRune(c rune) bool { return isAlnum(c) || strings.ContainsRune("._%+-", c) && c != 0 }
