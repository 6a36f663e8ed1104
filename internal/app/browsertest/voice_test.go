// SPDX-License-Identifier: AGPL-3.0-or-later

package browsertest_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	cdp "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/turnstone-project/turnstone/internal/programme"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/web/static"
)

// arrived is a file as whoever may read the report gets it.
type arrived struct {
	seal.File
	content []byte
}

// arrivals opens what came to a report, with the reporter's own words.
func (h house) arrivals(t *testing.T, lang string, ten []string) []arrived {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	receipt, err := seal.ParseReceipt(strings.Join(ten, " "), lang)
	must(err)
	p := h.theProgramme(t)
	box, err := h.Intake.Open(t.Context(), p.ID, receipt.Login())
	must(err)
	mailbox, err := receipt.Mailbox()
	must(err)
	grant, err := seal.OpenGrant(mailbox, box.Grants[0].Body, p.ID, box.Report.ID)
	must(err)
	chain, err := seal.NewChain(grant)
	must(err)
	identity, err := grant.Identity(0)
	must(err)
	var all []arrived
	for _, e := range box.Envelopes {
		opened, _, err := chain.Next(seal.Stored{Seq: e.Seq, Epoch: e.Epoch, Role: seal.Role(e.Role), Hash: e.Hash, Body: e.Body})
		must(err)
		f, ok := opened.Content.(seal.File)
		if !ok {
			continue
		}
		var content bytes.Buffer
		must(seal.OpenFile(&content, f, identity, func(n int) ([]byte, error) {
			piece, _, err := h.Files.Blobs.Open(t.Context(), f.Blob, n)
			if err != nil {
				return nil, err
			}
			defer func() { _ = piece.Close() }()
			return io.ReadAll(piece)
		}))
		all = append(all, arrived{f, content.Bytes()})
	}
	return all
}

func (h house) theProgramme(t *testing.T) programme.Programme {
	t.Helper()
	for _, p := range h.Programmes.All() {
		return p
	}
	t.Fatal("there is no programme")
	return programme.Programme{}
}

// needsCleaning skips where the build has no module that cleans files.
func needsCleaning(t testing.TB) {
	t.Helper()
	assets, err := static.Load()
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := assets.Get("scrub.wasm"); !ok {
		t.Fatal("this build has no cleaning module: run make assets")
	}
}

const (
	voiceHeight = 210.0 // Hz, of the one who speaks
	voiceRate   = 48_000
)

// speech writes what a microphone hears: a throat's pulses of one height
// through a mouth that opens three times a second, for an A and an I in turn.
func speech(t *testing.T) string {
	t.Helper()
	return recording(t, spoken(650, 1100, 280, 2300))
}

// spoken is six seconds of a sound with the first two formants in turn with one
// with the others.
func spoken(formants ...float64) []float64 {
	samples := make([]float64, 6*voiceRate)
	for n, formant := range formants {
		r := math.Exp(-math.Pi * 90 / voiceRate)
		a, b := 2*r*math.Cos(2*math.Pi*formant/voiceRate), -r*r
		var y1, y2 float64
		of, most := make([]float64, len(samples)), 0.0
		for i := range samples {
			pulse := 0.0
			if math.Mod(float64(i)*voiceHeight/voiceRate, 1) < voiceHeight/voiceRate {
				pulse = 1
			}
			y := pulse + a*y1 + b*y2
			y1, y2 = y, y1
			syllable := math.Sin(2 * math.Pi * 1.5 * float64(i) / voiceRate)
			if n > 1 {
				syllable = -syllable
			}
			of[i] = y * math.Max(0, syllable)
			most = math.Max(most, math.Abs(of[i]))
		}
		for i := range samples {
			samples[i] += of[i] / most
		}
	}
	return samples
}

// recording writes a file of samples.
func recording(t *testing.T, samples []float64) string {
	t.Helper()
	peak := 0.0
	for _, s := range samples {
		peak = math.Max(peak, math.Abs(s))
	}
	var b bytes.Buffer
	b.WriteString("RIFF")
	body := binary.LittleEndian.AppendUint32([]byte("WAVEfmt "), 16)
	body = binary.LittleEndian.AppendUint16(body, 1)
	body = binary.LittleEndian.AppendUint16(body, 1)
	body = binary.LittleEndian.AppendUint32(body, voiceRate)
	body = binary.LittleEndian.AppendUint32(body, 2*voiceRate)
	body = binary.LittleEndian.AppendUint16(body, 2)
	body = binary.LittleEndian.AppendUint16(body, 16)
	body = binary.LittleEndian.AppendUint32(append(body, "data"...), uint32(2*len(samples)))
	for _, s := range samples {
		body = binary.LittleEndian.AppendUint16(body, uint16(int16(s/peak*20000)))
	}
	b.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(body))))
	b.Write(body)
	path := filepath.Join(t.TempDir(), "speech.wav")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// sound reads a file of samples, and demands that it holds nothing else.
func sound(t *testing.T, file []byte) (samples []float64, rate float64) {
	t.Helper()
	if len(file) < 44 || string(file[:4]) != "RIFF" || string(file[8:16]) != "WAVEfmt " || string(file[36:40]) != "data" ||
		int(binary.LittleEndian.Uint32(file[40:])) != len(file)-44 {
		t.Fatalf("this is not a file of samples alone: %q", file[:min(44, len(file))])
	}
	for at := 44; at+1 < len(file); at += 2 {
		samples = append(samples, float64(int16(binary.LittleEndian.Uint16(file[at:])))/32768)
	}
	return samples, float64(binary.LittleEndian.Uint32(file[24:]))
}

// strength says how much of a sound has one height, by Goertzel's filter over
// each fifth of a second, relative to the whole.
func strength(samples []float64, rate, height float64) float64 {
	var of, all float64
	block := int(rate / 5)
	for at := 0; at+block <= len(samples); at += block {
		w := 2 * math.Cos(2*math.Pi*height/rate)
		var s1, s2 float64
		for i, s := range samples[at : at+block] {
			s *= 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(block))
			s1, s2 = s+w*s1-s2, s1
			all += s * s
		}
		of += (s1*s1 + s2*s2 - w*s1*s2) / float64(block)
	}
	return of / all
}

// melody says how much of a sound is of a voice of one height: of its higher
// harmonics, which a voice of another height meets by chance only, and not for
// long where that height wanders.
func melody(samples []float64, rate, height float64) (sum float64) {
	for k := 5.0; k <= 11; k++ {
		sum += strength(samples, rate, k*height)
	}
	return sum
}

// stretches is the mean of what is measured in each stretch of two turns of A
// and I: a recording that stood still goes on at any moment of a turn, and what
// comes after may undo what came before where both are measured as one.
func stretches(samples []float64, rate float64, measure func([]float64) float64) (mean float64) {
	length, n := int(rate*4/3), 0
	for at := 0; at+length <= len(samples); at += length / 2 {
		mean += measure(samples[at : at+length])
		n++
	}
	return mean / float64(max(n, 1))
}

// vowels says how strongly a bright and a dark sound take turns, n times a
// second.
func vowels(samples []float64, rate, n float64) float64 {
	return stretches(samples, rate, func(samples []float64) float64 { return turns(samples, rate, n) })
}

func turns(samples []float64, rate, n float64) float64 {
	var low, re, im, all, mean, weight float64
	block := int(rate / 30)
	var bright, loud []float64
	for at := 0; at+block <= len(samples); at += block {
		var dark, light float64
		for _, s := range samples[at : at+block] {
			low += (s - low) * (1 - math.Exp(-2*math.Pi*1300/rate))
			dark += low * low
			light += (s - low) * (s - low)
		}
		bright, loud = append(bright, light/(light+dark+1e-9)), append(loud, light+dark)
		mean += bright[len(bright)-1] * loud[len(loud)-1]
		weight += loud[len(loud)-1]
	}
	mean /= weight
	for i, b := range bright {
		at := 2 * math.Pi * n * float64(i) / 30
		re += (b - mean) * loud[i] * math.Cos(at)
		im += (b - mean) * loud[i] * math.Sin(at)
		all += loud[i]
	}
	return math.Hypot(re, im) / all
}

// throb says how strongly a sound's loudness comes and goes n times a second.
func throb(samples []float64, rate, n float64) float64 {
	return stretches(samples, rate, func(samples []float64) float64 {
		var re, im, all float64
		for _, s := range samples {
			all += math.Abs(s)
		}
		mean := all / float64(len(samples))
		for i, s := range samples {
			at := 2 * math.Pi * n * float64(i) / rate
			re += (math.Abs(s) - mean) * math.Cos(at)
			im += (math.Abs(s) - mean) * math.Sin(at)
		}
		return math.Hypot(re, im) / max(all, 1e-9)
	})
}

// understood is how much of what the speaker said is left in a sound: how
// strongly its loudness follows the words, and how strongly A and I take turns.
func understood(samples []float64, rate float64) (rhythm, turns float64) {
	for tempo := 0.92; tempo <= 1.08; tempo += 0.02 {
		rhythm, turns = math.Max(rhythm, throb(samples, rate, 3*tempo)), math.Max(turns, vowels(samples, rate, 1.5*tempo))
	}
	return rhythm, turns
}

const leastRhythm, leastTurns = 0.1, 0.02

// TestWhatIsUnderstood measures sounds that have lost something and sounds that
// have not, however a pause cuts them.
func TestWhatIsUnderstood(t *testing.T) {
	if raceDetector {
		t.Skip("only computes: `make test` runs this without the race detector")
	}
	t.Parallel()
	said, same, noise := spoken(650, 1100, 280, 2300), spoken(650, 1100, 650, 1100), make([]float64, 6*voiceRate)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = random.NormFloat64()
	}
	for _, gap := range []float64{0, 0.2, 1. / 3, 0.45, 0.6, 1} {
		heard := func(samples []float64) (rhythm, turns float64) {
			after := 2*voiceRate + int(gap*voiceRate)
			return understood(slices.Concat(samples[:2*voiceRate], samples[after:after+2*voiceRate]), voiceRate)
		}
		if rhythm, turns := heard(said); rhythm < 2*leastRhythm || turns < 1.5*leastTurns {
			t.Errorf("cut for %.2f s, what was said has %.3f in its rhythm and %.3f of A and I in turn", gap, rhythm, turns)
		}
		if _, turns := heard(same); turns > leastTurns/4 {
			t.Errorf("cut for %.2f s, A alone has %.3f of A and I in turn", gap, turns)
		}
		if rhythm, turns := heard(noise); rhythm > leastRhythm/4 || turns > leastTurns/4 {
			t.Errorf("cut for %.2f s, noise has %.3f in its rhythm and %.3f of A and I in turn", gap, rhythm, turns)
		}
	}
}

func hearing(t *testing.T) mode {
	t.Helper()
	return mode{flags: map[string]any{
		"use-fake-device-for-media-stream": true, "use-fake-ui-for-media-stream": true, "use-file-for-fake-audio-capture": speech(t),
	}}
}

// voice presses one of the buttons of the voice message by its place.
func (b *browser) voice(n int) {
	b.t.Helper()
	b.until(`document.querySelectorAll('#voice-actions button:enabled').length > ` + string(rune('0'+n)))
	b.do(run(`document.querySelectorAll('#voice-actions button')[` + string(rune('0'+n)) + `].click()`))
}

// shownTime is the time that the page shows for a recording, in seconds.
const shownTime = `document.querySelector('#voice-time').textContent.split(':').reduce((sum, n) => 60 * sum + Number(n), 0)`

// recorded waits until the page shows that it has recorded so many seconds; on
// a machine that stands still for a moment it may show more at once.
func (b *browser) recorded(seconds int) {
	b.t.Helper()
	b.until(fmt.Sprintf(`!document.querySelector('#voice-time').hidden && %s >= %d`, shownTime, seconds))
}

// TestAVoiceMessage records one in a made voice after the words are safe, with
// a pause and after having thrown one away, and one from the mailbox in the
// reporter's own.
func TestAVoiceMessage(t *testing.T) {
	needsCleaning(t)
	h := open(t)
	b := newBrowser(t, hearing(t))
	ten := b.tell(h, "en", "drugs", "Listen to this.")
	b.until(`!document.querySelector('#voice').hidden && document.querySelector('#voice-change').checked`)
	if text := get[string](b, `document.querySelector('#voice').textContent`); !strings.Contains(text, "determined listener") {
		t.Errorf("the page does not say that a voice may still be known: %s", text)
	}
	b.picture("before")
	b.voice(0) // record
	b.recorded(1)
	b.voice(2) // throw away
	b.until(`document.querySelector('#voice-time').hidden`)
	b.voice(0)
	b.recorded(2)
	b.voice(0) // pause
	b.until(`document.querySelector('#voice-said').textContent.startsWith('Paused')`)
	stood := get[float64](b, shownTime)
	if now := get[float64](b, `new Promise(r => setTimeout(() => r(`+shownTime+`), 2500))`, chromedp.EvalAwaitPromise); now > stood+1 { // what is shown may be a moment old
		t.Errorf("while it is paused the clock goes on from %g to %g", stood, now)
	}
	b.picture("paused")
	b.voice(0) // go on
	b.recorded(4)
	b.voice(1) // stop
	b.until(`document.querySelector('#voice-said').textContent.startsWith('Recorded')`)
	lengths := []float64{get[float64](b, shownTime)}
	b.picture("recorded")
	b.voice(0) // listen
	b.until(`document.querySelector('#voice-said').textContent.startsWith('This is how')`)
	b.voice(0) // stop listening
	b.voice(1) // add
	b.until(`document.querySelector('.ts-file')?.dataset.state === 'safe'`)
	b.picture("safe")
	b.neverSent("RIFF")

	b.openMailbox(h, "en", ten)
	b.do(run(`document.querySelector('#voice-change').click()`))
	b.voice(0)
	b.recorded(3)
	b.voice(1)
	b.until(`document.querySelector('#voice-said').textContent.startsWith('Recorded')`)
	lengths = append(lengths, get[float64](b, shownTime))
	b.voice(1)
	b.until(`document.querySelector('.ts-file')?.dataset.state === 'safe'`)
	b.stayed(h.portal)

	files := h.arrivals(t, "en", ten)
	if len(files) != 2 {
		t.Fatalf("%d files arrived, want 2", len(files))
	}
	var heard []float64
	for n, f := range files {
		if f.Cleaned != seal.Cleaned || f.Media != "audio/wav" || f.Name != "1.wav" {
			t.Errorf("message %d came as %q, %s, %s", n, f.Name, f.Media, f.Cleaned)
		}
		samples, rate := sound(t, f.content)
		seconds := float64(len(samples)) / rate
		height := melody(samples, rate, voiceHeight)
		rhythm, turns := understood(samples, rate)
		heard = append(heard, height)
		t.Logf("message %d: %.1f s, %.4f of the voice's height, %.3f in its rhythm, %.3f of A and I in turn", n, seconds, height, rhythm, turns)
		if seconds < 2.5 || seconds < lengths[n]-0.5 || seconds > lengths[n]+1.5 {
			t.Errorf("message %d is %.1f s long, and the page said %g", n, seconds, lengths[n])
		}
		if rhythm < leastRhythm {
			t.Errorf("message %d has lost what was said: its loudness follows the words with %.3f", n, rhythm)
		}
		if turns < leastTurns {
			t.Errorf("message %d has lost what was said: A and I are told apart by %.3f", n, turns)
		}
	}
	if heard[0] > heard[1]/3 {
		t.Errorf("the changed voice has %.4f of the speaker's height, the speaker's own %.4f", heard[0], heard[1])
	}
}

// TestWithoutAMicrophone refuses the page its use, and takes the means away.
func TestWithoutAMicrophone(t *testing.T) {
	t.Parallel()
	needsCleaning(t)
	h := open(t)
	b := newBrowser(t, mode{width: 320, locale: "ar"})
	denied := cdp.PermissionSetting("denied")
	_, err := chromedp.Call(b.ctx, cdp.SetPermission, cdp.SetPermissionParams{Permission: &cdp.PermissionDescriptor{Name: "microphone"}, Setting: denied})
	if err != nil {
		t.Fatal(err)
	}
	ten := b.tell(h, "ar", "drugs", "اسمع")
	b.until(`!document.querySelector('#voice').hidden`)
	b.fits("voice")
	b.accessible(axe(t), "ar sent with voice")
	b.voice(0)
	b.until(`document.querySelector('#voice-said').textContent.length > 20`)
	b.picture("refused")
	if _, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `delete globalThis.MediaRecorder`}); err != nil {
		t.Fatal(err)
	}
	b.openMailbox(h, "ar", ten)
	b.until(`!document.querySelector('#voice-none').hidden && document.querySelector('#voice').hidden`)
	b.stayed(h.portal)
}
