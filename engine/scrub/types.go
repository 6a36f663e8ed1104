// SPDX-License-Identifier: Apache-2.0

package scrub

import "slices"

// Type is a file format.
type Type int

// The formats that can be told apart.
const (
	TypeUnknown Type = iota
	TypeJPEG
	TypePNG
	TypeGIF
	TypeWebP
	TypeTIFF
	TypeHEIC
	TypeMP4 // and MOV, 3GP, M4A
	TypeMP3
	TypeWAV
	TypeOGG
	TypePDF
	TypeOOXML
	TypeODF
	TypeZIP
	TypeText
)

// typeRow says how a type is named and cleaned.
type typeRow struct {
	typ              Type
	name, media, ext string
	aliases          []string // other extensions
	clean            func(*job) error
}

// typeRows is the table of what can be cleaned.
func typeRows() []typeRow {
	return []typeRow{
		{TypeJPEG, "jpeg", "image/jpeg", "jpg", []string{"jpeg", "jpe", "jfif", "jif"}, cleanJPEG},
		{TypePNG, "png", "image/png", "png", []string{"apng"}, cleanPNG},
		{TypeHEIC, "heic", "image/heic", "heic", []string{"heif", "avif", "hif"}, cleanHEIC},
		{TypeGIF, "gif", "image/gif", "gif", nil, cleanGIF},
		{TypeTIFF, "tiff", "image/tiff", "tif", []string{"tiff"}, cleanTIFF},
		{TypeWebP, "webp", "image/webp", "webp", nil, cleanWebP},
		{TypeMP4, "mp4", "video/mp4", "mp4", []string{"mov", "qt", "m4v", "m4a", "3gp", "3g2", "3gpp"}, cleanMP4},
		{TypeMP3, "mp3", "audio/mpeg", "mp3", []string{"mpga"}, cleanMP3},
		{TypeWAV, "wav", "audio/wav", "wav", []string{"wave", "bwf"}, cleanWAV},
		{TypeOGG, "ogg", "audio/ogg", "ogg", []string{"oga", "opus"}, cleanOGG},
		{TypePDF, "pdf", "application/pdf", "pdf", nil, cleanPDF},
		{TypeOOXML, "office", "application/vnd.openxmlformats-officedocument", "docx", []string{"xlsx", "pptx", "docm", "xlsm", "pptm", "dotx", "xltx", "ppsx", "potx"}, cleanOOXML},
		{TypeODF, "opendocument", "application/vnd.oasis.opendocument", "odt", []string{"ods", "odp", "odg", "ott", "ots", "otp"}, cleanODF},
		{TypeZIP, "zip", "application/zip", "zip", nil, cleanZIP},
		{TypeText, "text", "text/plain", "txt", []string{"text", "log", "csv", "tsv", "md", "json", "srt", "vtt", "ini", "asc"}, cleanText},
	}
}

func (t Type) row() typeRow {
	for _, r := range typeRows() {
		if r.typ == t {
			return r
		}
	}
	return typeRow{name: "unknown", media: "application/octet-stream"}
}

// String returns the type's short name, such as jpeg.
func (t Type) String() string { return t.row().name }

// Media returns the type's media type.
func (t Type) Media() string { return t.row().media }

// Extension returns the usual extension of a name, without a dot.
func (t Type) Extension() string { return t.row().ext }

func cleaner(t Type) (func(*job) error, bool) {
	r := t.row()
	return r.clean, r.clean != nil
}

// typeOfExtension returns the type that an extension without its dot claims.
func typeOfExtension(ext string) Type {
	for _, r := range typeRows() {
		if r.ext == ext || slices.Contains(r.aliases, ext) {
			return r.typ
		}
	}
	return TypeUnknown
}

// runnable reports whether a system would run a file with that extension.
func runnable(ext string) bool {
	switch ext {
	case "exe", "scr", "com", "bat", "cmd", "pif", "js", "jse", "vbs", "vbe", "wsf", "hta", "ps1", "msi", "lnk", "jar", "apk", "app", "sh", "desktop", "dll", "cpl", "html", "htm", "svg":
		return true
	}
	return false
}

// sniff tells the type by the first bytes.
func sniff(s *source) (Type, error) {
	b, err := s.upTo(0, headText)
	if err != nil {
		return TypeUnknown, err
	}
	has := func(at int, magic string) bool {
		return len(b) >= at+len(magic) && string(b[at:at+len(magic)]) == magic
	}
	switch {
	case has(0, "\xFF\xD8\xFF"):
		return TypeJPEG, nil
	case has(0, "\x89PNG\r\n\x1a\n"):
		return TypePNG, nil
	case has(0, "PK\x03\x04"), has(0, "PK\x05\x06"):
		return zipKind(s), nil
	case has(0, "GIF8"):
		return TypeGIF, nil
	case has(0, "RIFF") && has(8, "WEBP"):
		return TypeWebP, nil
	case has(0, "RIFF") && has(8, "WAVE"):
		return TypeWAV, nil
	case has(0, "OggS"):
		return TypeOGG, nil
	case has(0, "II*\x00"), has(0, "MM\x00*"), has(0, "II+\x00"), has(0, "MM\x00+"):
		return TypeTIFF, nil
	case has(0, "%PDF-"):
		return TypePDF, nil
	case has(4, "ftyp"):
		switch string(b[8:min(12, len(b))]) {
		case "heic", "heix", "heim", "heis", "hevc", "mif1", "msf1", "avif", "avis":
			return TypeHEIC, nil
		}
		return TypeMP4, nil
	case has(4, "moov"), has(4, "mdat"), has(4, "wide"):
		return TypeMP4, nil
	case id3Size(b) > 0, looksLikeMP3(s):
		return TypeMP3, nil
	case looksLikeText(b, int64(len(b)) == s.size):
		return TypeText, nil
	}
	return TypeUnknown, nil
}
