// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"encoding/binary"
)

// wav is the walk through one WAV.
type wav struct {
	*job
	format, fact []byte // fresh
	data         *riffChunk
}

// cleanWAV keeps the samples and what is needed to play them.
func cleanWAV(j *job) error {
	end, err := j.riffEnd()
	if err != nil {
		return err
	}
	w := &wav{job: j}
	if err := j.riffChunks(12, end, w.take); err != nil {
		return err
	}
	if w.format == nil || w.data == nil || w.data.n == 0 {
		return malformed("wav: no sound")
	}
	all := &Plan{}
	all.str("WAVE")
	all.riff("fmt ", literal(w.format...))
	if w.fact != nil && binary.LittleEndian.Uint16(w.format) != 1 {
		all.riff("fact", literal(w.fact...))
	}
	all.riff("data", j.src.plan(w.data.at, w.data.n))
	j.plan.riff("RIFF", all)
	return j.trailing(end)
}

func (w *wav) take(c riffChunk) error {
	b, err := w.src.keep(c.at, int(min(c.n, 64<<10)))
	if err != nil {
		return err
	}
	switch c.name {
	case "fmt ":
		if w.format != nil {
			return malformed("wav: a second format")
		}
		w.format, err = w.freshFormat(b)
		return err
	case "fact":
		if len(b) >= 4 && w.fact == nil {
			w.fact = b[:4]
		}
		if len(b) > 4 {
			w.facts.remove(KindHidden)
		}
	case "data":
		if w.data != nil || w.format == nil {
			return malformed("wav: samples in the wrong place")
		}
		w.data = &c
	case "LIST":
		w.list(b)
	case "bext":
		w.facts.remove(KindAuthor)
		w.facts.remove(KindDate)
		w.facts.remove(KindDescription)
	case "iXML", "_PMX", "axml", "aXML":
		w.takeXMP(b)
	case "id3 ", "ID3 ":
		w.takeID3(b)
	case "cart", "DISP":
		w.facts.remove(KindDescription)
	case "cue ", "smpl", "inst", "acid", "plst", "strc":
		w.facts.remove(KindSettings)
	case "PEAK":
		w.facts.remove(KindDate)
	case "JUNK", "junk", "PAD ", "FLLR":
		w.facts.remove(KindHidden)
	default:
		w.facts.remove(KindUnknown)
	}
	return nil
}

// list reports what an INFO list tells.
func (w *wav) list(b []byte) {
	if !bytes.HasPrefix(b, []byte("INFO")) {
		w.facts.remove(KindDescription)
		return
	}
	for b = b[4:]; len(b) >= 8; {
		n := int(binary.LittleEndian.Uint32(b[4:]))
		switch string(b[:4]) {
		case "IART", "IENG", "ICOP", "ITCH", "ICMS":
			w.facts.remove(KindAuthor)
		case "ICRD", "IDIT":
			w.facts.remove(KindDate)
		case "ISFT":
			w.facts.remove(KindSoftware)
		case "ICMT":
			w.facts.remove(KindComment)
		case "IARL", "ISRC", "ISRF", "IMED":
			w.facts.remove(KindDevice)
		default:
			w.facts.remove(KindDescription)
		}
		if n < 0 || n+n%2 > len(b)-8 {
			return
		}
		b = b[8+n+n%2:]
	}
}

// Codes of how samples are written.
const (
	wavPCM        = 1
	wavMSADPCM    = 2
	wavFloat      = 3
	wavALaw       = 6
	wavMuLaw      = 7
	wavIMA        = 0x11
	wavExtensible = 0xFFFE
)

// freshFormat writes the format anew, with no more than its code needs.
func (w *wav) freshFormat(b []byte) ([]byte, error) {
	if len(b) < 16 {
		return nil, malformed("wav: format")
	}
	code, more := binary.LittleEndian.Uint16(b), 0
	switch code {
	case wavPCM:
	case wavFloat, wavALaw, wavMuLaw:
	case wavIMA:
		more = 2
	case wavMSADPCM:
		if len(b) >= 22 {
			more = 4 + 4*int(min(binary.LittleEndian.Uint16(b[20:]), 32))
		}
	case wavExtensible:
		more = 22
		if len(b) < 40 || string(b[26:40]) != "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xAA\x00\x38\x9B\x71" {
			return nil, refuse(ReasonUnsupported, "wav: written in a rare way")
		}
		if c := binary.LittleEndian.Uint16(b[24:]); c != wavPCM && c != wavFloat && c != wavALaw && c != wavMuLaw {
			return nil, refuse(ReasonUnsupported, "wav: written in a rare way")
		}
	default:
		return nil, refuse(ReasonUnsupported, "wav: written in a rare way")
	}
	if code == wavPCM {
		if len(b) > 16 && len(bytes.Trim(b[16:], "\x00")) > 0 {
			w.facts.remove(KindHidden)
		}
		return b[:16], nil
	}
	if len(b) < 18+more {
		if more > 0 {
			return nil, malformed("wav: format")
		}
		b = append(b[:16:16], 0, 0)
	}
	if len(b) > 18+more || int(binary.LittleEndian.Uint16(b[16:])) != more {
		w.facts.remove(KindHidden)
	}
	b = b[:18+more]
	binary.LittleEndian.PutUint16(b[16:], uint16(more))
	return b, nil
}
