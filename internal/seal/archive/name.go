// SPDX-License-Identifier: AGPL-3.0-or-later

package archive

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxSafeName bounds a safe name in bytes: file systems take 255, and
// encrypted ones 143.
const maxSafeName = 120

// opensQuietly are the endings that a machine opens by showing something.
// Others may run when somebody clicks on them.
var opensQuietly = []string{
	".jpg", ".jpeg", ".png", ".gif", ".webp", ".heic", ".heif", ".avif", ".tif", ".tiff", ".bmp",
	".pdf", ".txt", ".csv", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".zip",
	".mp3", ".wav", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".flac", ".amr", ".mp4", ".mov", ".3gp", ".webm", ".mkv", ".avi",
}

// SafeName makes of what a stranger called a file a name under which it can be
// written on any system: without a folder, nothing hidden, no sign that turns
// the text around, no name of a device, and unlike that of any other message,
// whose number it starts with. What might run when it is clicked on ends in
// ".bin".
func SafeName(seq int, given string) string {
	kept := strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.IsControl(r), unicode.In(r, unicode.Bidi_Control, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp):
			return -1
		case strings.ContainsRune(`/\:*?"<>|`, r), unicode.IsSpace(r):
			return '_'
		}
		return r
	}, given)
	kept = strings.Trim(kept, "._ ")
	ending := path.Ext(kept)
	stem := strings.TrimSuffix(kept, ending)
	switch {
	case len(ending) > 12:
		stem, ending = kept, ".bin"
	case !slices.Contains(opensQuietly, strings.ToLower(ending)):
		ending += ".bin"
	}
	if stem == "" {
		stem = "file"
	}
	return fmt.Sprintf("%02d-%s%s", seq, cut(stem, maxSafeName-len(ending)), ending)
}

// cut shortens s to at most n bytes of whole characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
