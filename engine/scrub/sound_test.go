// SPDX-License-Identifier: Apache-2.0

package scrub_test

import (
	"bytes"
	"encoding/binary"
	"math/rand"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/engine/scrub"
)

// sound makes a tone with ffmpeg, in that format, with something planted in
// each tag that it writes.
func sound(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	plant := []string{"-f", "lavfi", "-i", "sine=frequency=440:duration=2"}
	for _, key := range []string{"title", "artist", "comment", "date", "location", "encoded_by", "lyrics"} {
		plant = append(plant, "-metadata", key+"="+planted)
	}
	return ffmpegMakes(t, name, append(plant, args...)...)
}

// soundsTheSame checks that ffmpeg decodes both to the same samples, but for
// what the encoder said to leave out at the beginning and the end.
func soundsTheSame(t *testing.T, before, after []byte, name string) {
	t.Helper()
	raw := func(b []byte) []byte {
		return tool(t, "ffmpeg", "-v", "error", "-flags2", "+skip_manual", "-i", put(t, name, b), "-map", "0:a", "-f", "s16le", "-")
	}
	x, y := raw(before), raw(after)
	if long := max(len(x), len(y)); len(x) < 1000 || min(len(x), len(y)) < long*9/10 {
		t.Fatalf("%s: %d bytes of samples became %d", name, len(x), len(y))
	}
	if middle := x[len(x)/10 : len(x)/10*9]; !bytes.Contains(y, middle) {
		t.Errorf("%s sounds different", name)
	}
	opens(t, after, name)
	for _, bad := range []string{planted, "Lavf", "Lavc", "LAME", "libopus"} {
		if bytes.Contains(after, []byte(bad)) {
			t.Errorf("%s: %s is still there", name, bad)
		}
	}
}

const pcm = "\x01\x00\x01\x00\x40\x1F\x00\x00\x80\x3E\x00\x00\x02\x00\x10\x00" // 8,000 a second, one channel

func noise(n int) string {
	b := make([]byte, n)
	rand.New(rand.NewSource(3)).Read(b)
	return string(b)
}

func plantedWAV() []byte {
	info := riffChunk("LIST", "INFO"+riffChunk("IART", planted)+riffChunk("ISFT", planted)+riffChunk("ICRD", planted)+riffChunk("ICMT", planted)+riffChunk("INAM", planted))
	return append(riff("WAVE", riffChunk("JUNK", planted), riffChunk("bext", planted), riffChunk("fmt ", pcm+"\x00\x00"), info, riffChunk("iXML", "<BWFXML>"+planted), riffChunk("_PMX", xmpPacket),
		riffChunk("id3 ", string(id3Tag(3))), riffChunk("data", noise(1001)), riffChunk("cue ", planted), riffChunk("what", planted)), "PK\x03\x04"+planted...)
}

// id3Tag has something planted in frames of each kind.
func id3Tag(version byte) []byte {
	body := ""
	for _, name := range []string{"TPE1", "TDRC", "TSSE", "COMM", "APIC", "GEOB", "PRIV", "WXXX", "TIT2"} {
		content := "\x00" + planted
		size := string(binary.BigEndian.AppendUint32(nil, uint32(len(content))))
		if version == 2 {
			body += name[:3] + size[1:] + content
			continue
		}
		body += name + size + "\x00\x00" + content
	}
	body += strings.Repeat("\x00", 20)
	return []byte("ID3" + string([]byte{version, 0, 0, 0, 0, byte(len(body) >> 7), byte(len(body) & 0x7F)}) + body)
}

func TestWAV(t *testing.T) {
	out, report := clean(t, plantedWAV(), "a.wav")
	wants(t, report, scrub.KindAuthor, scrub.KindDate, scrub.KindSoftware, scrub.KindComment, scrub.KindDescription, scrub.KindMetadata, scrub.KindGPS, scrub.KindHidden, scrub.KindSettings,
		scrub.KindUnknown, scrub.KindTrailing, scrub.KindPolyglot, scrub.KindEmbeddedImage, scrub.KindIdentifier)
	if want := riff("WAVE", riffChunk("fmt ", pcm), riffChunk("data", noise(1001))); !bytes.Equal(out, want) {
		t.Errorf("%d bytes, want %d", len(out), len(want))
	}
	for _, format := range []string{
		"\x03\x00" + pcm[2:], "\x06\x00" + pcm[2:] + "\x00\x00", "\x11\x00" + pcm[2:] + "\x02\x00\xF9\x01",
		"\x02\x00" + pcm[2:] + "\x20\x00\xF4\x01\x07\x00" + noise(28), "\xFE\xFF" + pcm[2:] + "\x16\x00\x10\x00\x04\x00\x00\x00\x01\x00\x00\x00\x00\x00\x10\x00\x80\x00\x00\xAA\x00\x38\x9B\x71" + planted,
	} {
		clean(t, riff("WAVE", riffChunk("fmt ", format), riffChunk("fact", "\x00\x00\x01\x00"+planted), riffChunk("data", noise(100))), "a.wav")
	}
}

func TestWAVWithTools(t *testing.T) {
	for name, args := range map[string][]string{"a.wav": {"-write_bext", "1"}, "b.wav": {"-c:a", "pcm_f32le"}, "c.wav": {"-c:a", "adpcm_ms"}, "d.wav": {"-c:a", "pcm_mulaw"}, "e.wav": {"-ac", "6"}} {
		t.Run(name, func(t *testing.T) {
			b := sound(t, name, args...)
			if !plain(b) {
				t.Fatal("nothing was planted")
			}
			out := mustClean(t, b, name)
			soundsTheSame(t, b, out, name)
			exiftoolFindsNothing(t, out, name)
			mat2FindsNothing(t, out, name)
		})
	}
}

func TestWAVRefusals(t *testing.T) {
	data := riffChunk("data", noise(100))
	refused(t, riff("WAVE", data), "a.wav", scrub.ReasonMalformed)
	refused(t, riff("WAVE", riffChunk("fmt ", pcm)), "a.wav", scrub.ReasonMalformed)
	refused(t, riff("WAVE", riffChunk("fmt ", pcm), data, data), "a.wav", scrub.ReasonMalformed)
	refused(t, riff("WAVE", riffChunk("fmt ", pcm[:10]), data), "a.wav", scrub.ReasonMalformed)
	refused(t, riff("WAVE", riffChunk("fmt ", "\x55\x00"+pcm[2:]), data), "a.wav", scrub.ReasonUnsupported) // MP3 in WAV
	refused(t, riff("WAVE", riffChunk("fmt ", pcm), data)[:80], "a.wav", scrub.ReasonTruncated)
	refused(t, []byte("RF64\xFF\xFF\xFF\xFFWAVEds64"), "a.wav", scrub.ReasonUnknownType)
	refusesEveryCut(t, plantedWAV(), "a.wav")
}

// mp3Frame is a frame of MPEG 1, 128 kbit/s, 44,100 a second, one channel: 417
// bytes, whose sound begins that many bytes before it and has that many.
func mp3Frame(before, sound int, content string) string {
	bits := 8 * sound
	var side [17]byte
	set := func(at, n, v int) {
		for i := range n {
			side[(at+i)/8] |= byte(v>>(n-1-i)&1) << (7 - (at+i)%8)
		}
	}
	set(0, 9, before)
	set(18, 12, min(bits, 4088))
	set(18+59, 12, bits-min(bits, 4088))
	return ("\xFF\xFB\x90\xC0" + string(side[:]) + content + strings.Repeat("\xA5", 417))[:417]
}

// plantedMP3 has tags of every kind before and behind, and an encoder's name
// where a frame has no sound.
func plantedMP3() []byte {
	const room = 417 - 21
	index := mp3Frame(0, 0, "Info\x00\x00\x00\x0F"+strings.Repeat("\x00", 112)+"LAME3.100"+planted)
	frames := mp3Frame(0, 300, noise(300)+planted+"LAME3.100") + mp3Frame(0, room-100, noise(room-100)+planted+"1234567"+noise(80)) +
		mp3Frame(80, room, noise(room-80)) + mp3Frame(0, 100, noise(100)+planted)
	ape := "APETAGEX\xD0\x07\x00\x00" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(planted)+32))) + "\x01\x00\x00\x00\x00\x00\x00\x80" + strings.Repeat("\x00", 8)
	lyrics := "LYRICSBEGIN" + planted + planted + "000037LYRICS200"
	return []byte(string(id3Tag(3)) + string(id3Tag(2)) + index + frames[:417*2] + planted + "PK\x03\x04" + frames[417*2:] +
		strings.Replace(ape, "\x00\x00\x00\x80", "\x00\x00\x00\xA0", 1) + planted + ape + lyrics + "TAG" + (planted + strings.Repeat("\x00", 125))[:125])
}

func TestMP3(t *testing.T) {
	b := plantedMP3()
	out, report := clean(t, b, "a.mp3")
	wants(t, report, scrub.KindAuthor, scrub.KindDate, scrub.KindSoftware, scrub.KindComment, scrub.KindEmbeddedImage, scrub.KindEmbeddedFile, scrub.KindIdentifier, scrub.KindLink,
		scrub.KindDescription, scrub.KindMetadata, scrub.KindHidden, scrub.KindStream)
	if len(out) != 4*417 {
		t.Errorf("%d bytes are left of four frames", len(out))
	}
	if bytes.Contains(out, []byte("LAME")) {
		t.Error("the encoder's name is still there")
	}
	if n := strings.Count(string(out), noise(80)); n != 5 {
		t.Errorf("the sound of %d frames is left", n)
	}
	// The last 80 bytes of the second frame are the third's sound, and stay.
	if second := out[417 : 2*417]; !bytes.HasSuffix(second, []byte(strings.Repeat("\x00", 20)+noise(80))) {
		t.Errorf("the second frame ends with %q", second[300:])
	}
}

func TestMP3WithTools(t *testing.T) {
	for name, args := range map[string][]string{
		"a.mp3": {"-c:a", "libmp3lame", "-b:a", "128k", "-write_id3v1", "1"}, "vbr.mp3": {"-c:a", "libmp3lame", "-q:a", "4"}, "low.mp3": {"-c:a", "libmp3lame", "-ar", "16000", "-b:a", "32k", "-id3v2_version", "3"},
		"old.mp3": {"-c:a", "libmp3lame", "-ar", "8000", "-b:a", "24k"}, "shine.mp3": {"-c:a", "libshine", "-b:a", "96k"}, "stereo.mp3": {"-c:a", "libmp3lame", "-ac", "2", "-b:a", "320k"},
	} {
		t.Run(name, func(t *testing.T) {
			b := sound(t, name, args...)
			if !plain(b) {
				t.Fatal("nothing was planted")
			}
			out := mustClean(t, b, name)
			soundsTheSame(t, b, out, name)
			exiftoolFindsNothing(t, out, name)
			mat2FindsNothing(t, out, name)
			if length := string(tool(t, "ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", put(t, name, out))); !strings.HasPrefix(length, "2.") && !strings.HasPrefix(length, "1.9") {
				t.Errorf("two seconds became %s", length)
			}
		})
	}
}

func TestMP3Refusals(t *testing.T) {
	refused(t, []byte("ID3\x03\x00\x00\x00\x00\x00\x05hello"), "a.mp3", scrub.ReasonUnsupported)
	refused(t, []byte("ID3\x03\x00\x00\x00\x00\x05\x05hello"), "a.mp3", scrub.ReasonTruncated)
	refused(t, []byte(string(id3Tag(3))+"fLaC"+planted), "a.mp3", scrub.ReasonUnsupported)
	refused(t, []byte("\xFF\xFB\x90\xC0"+planted), "a.mp3", scrub.ReasonUnknownType)
	frame := mp3Frame(0, 100, noise(100))
	refused(t, []byte(string(id3Tag(4))+frame+strings.Repeat(planted, 100)+frame), "a.mp3", scrub.ReasonUnsupported)
	refused(t, []byte(frame+frame+strings.Repeat("\x00", 12)+"APETAGEX\xD0\x07\x00\x00\xFF\xFF\xFF\x7F"+strings.Repeat("\x00", 16)), "a.mp3", scrub.ReasonMalformed)
	refused(t, []byte(frame+frame+"999999LYRICS200"), "a.mp3", scrub.ReasonMalformed)
	// An hour of silence that an encoder filled with its name: the plan would hold it all.
	silence := mp3Frame(0, 0, strings.Repeat("LAME3.100", 44))
	refused(t, []byte(strings.Repeat(silence, 90_000)), "a.mp3", scrub.ReasonTooLarge)
	refusesEveryCut(t, plantedMP3(), "a.mp3")
}

func FuzzWAV(f *testing.F) { fuzz(f, "a.wav", plantedWAV()) }
func FuzzMP3(f *testing.F) {
	fuzz(f, "a.mp3", plantedMP3(), []byte(mp3Frame(0, 0, "Xing")+mp3Frame(0, 9, "")))
}
