package files_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/heedhq/heed/intake/files"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/redact"
	"github.com/heedhq/heed/redact/redacttest"
)

const most = 5 << 20

var masks = redact.New(redact.Options{Key: []byte("0123456789abcdef0123456789abcdef")})

func picture(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, color.NRGBA{uint8(x * 8), uint8(y * 8), 90, 255})
		}
	}
	return img
}

func asPNG(img image.Image) []byte  { var b bytes.Buffer; png.Encode(&b, img); return b.Bytes() }
func asJPEG(img image.Image) []byte { var b bytes.Buffer; jpeg.Encode(&b, img, nil); return b.Bytes() }
func asGIF(img image.Image) []byte  { var b bytes.Buffer; gif.Encode(&b, img, nil); return b.Bytes() }

// withExif puts a segment of metadata behind a JPEG's start.
func withExif(j []byte, orientation byte, secret string) []byte {
	tiff := append([]byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00"), orientation, 0, 0, 0, 0, 0, 0)
	tiff = append(tiff, secret...)
	seg := append([]byte{0xff, 0xe1, 0, 0}, tiff...)
	binary.BigEndian.PutUint16(seg[2:], uint16(len(tiff)+2))
	return append(append(append([]byte{}, j[:2]...), seg...), j[2:]...)
}

// pngClaiming is a PNG whose header claims a size that its data does not have.
func pngClaiming(w, h uint32) []byte {
	b := asPNG(picture(4, 4))
	binary.BigEndian.PutUint32(b[16:], w)
	binary.BigEndian.PutUint32(b[20:], h)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

func archive() []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, _ := z.Create("bomb.txt")
	w.Write(make([]byte, 10<<20))
	z.Close()
	return b.Bytes()
}

func TestWhatIsKeptIsWhatItIs(t *testing.T) {
	chinese := "钱包转账失败，请帮忙看看日志。网络：以太坊主网\n"
	gbk, _ := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(chinese))
	var wide []byte
	for _, u := range utf16.Encode([]rune(chinese)) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	wide = append([]byte{0xff, 0xfe}, wide...)
	for _, c := range []struct {
		name, as, media, kept string
		body                  []byte
	}{
		{"shot.png", "shot.png", models.MediaPNG, "", asPNG(picture(20, 10))},
		{"photo.JPEG", "photo.JPEG", models.MediaJPEG, "", asJPEG(picture(20, 10))},
		{"moving.gif", "moving.gif.png", models.MediaPNG, "", asGIF(picture(20, 10))},
		{"photo.png", "photo.png.jpg", models.MediaJPEG, "", asJPEG(picture(20, 10))}, // what it is called counts for nothing
		{"evil.html", "evil.html.png", models.MediaPNG, "", asPNG(picture(20, 10))},
		{"report.pdf", "report.pdf", models.MediaPDF, "%PDF-1.7 body", []byte("%PDF-1.7 body")},
		{"app.log", "app.log", models.MediaText, "line one\nline two", []byte("line one\nline two")},
		{"data.json", "data.json", models.MediaText, `{"a": [1]}`, []byte(`{"a": [1]}`)},
		{"windows.log", "windows.log", models.MediaText, chinese, gbk},
		{"wide.txt", "wide.txt", models.MediaText, chinese, wide},
		{"colours.log", "colours.log", models.MediaText, "[31mred[0m and a long line of ordinary words behind it", []byte("\x1b[31mred\x1b[0m and a long line of ordinary words behind it")},
		{"../../etc/passwd", "passwd.txt", models.MediaText, "hello", []byte("hello")},
		{"C:\\Users\\mei\\a\u202egnp.exe", "agnp.exe.txt", models.MediaText, "hello", []byte("hello")},
		{" .. ", "file.txt", models.MediaText, "hello", []byte("hello")},
		{"pw=sk-ant-api03-Zx81kQpL0mRt7VbN2cYw5HsD9eJf4GuA6iKo3TzXqWvBnMrPyLdSgEhCjFaUt7.log", "pw=‹api_key ···›.log", models.MediaText, "hello", []byte("hello")},
	} {
		f, err := files.Clean(masks, c.name, c.body, most)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if f.Name != c.as || f.MediaType != c.media || c.kept != "" && string(f.Body) != c.kept || f.Checked != (c.media == models.MediaText) {
			t.Errorf("%s: kept as %q, %s, %q, checked %v", c.name, f.Name, f.MediaType, f.Body[:min(60, len(f.Body))], f.Checked)
		}
	}
}

func TestHostileFilesAreRefusedOrMadeHarmless(t *testing.T) {
	long := "<script>alert(document.cookie)</script><?php system($_GET['c']); ?>"
	scans := asJPEG(picture(8, 8))
	scans = append(scans, bytes.Repeat([]byte{0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0}, 200)...)
	for _, c := range []struct {
		name, code string
		body       []byte
	}{
		{"empty.txt", "file_empty", nil},
		{"big.log", "file_too_large", bytes.Repeat([]byte("x"), most+1)},
		{"bomb.zip", "file_archive", archive()},
		{"bomb.png", "file_archive", archive()},
		{"log.gz", "file_archive", []byte("\x1f\x8b\x08\x00rest")},
		{"a.7z", "file_archive", []byte("7z\xbc\xaf\x27\x1crest")},
		{"a.tar", "file_archive", append(append(make([]byte, 257), "ustar"...), make([]byte, 300)...)},
		{"drawing.svg", "file_type", []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`)},
		{"drawing.txt", "file_type", []byte("\ufeff \n<?xml version='1.0'?><svg onload='alert(1)'/>")},
		{"comment.txt", "file_type", []byte("<!-- a log, really -->\n<html><script>alert(1)</script>")},
		{"page.txt", "file_type", []byte("<!DOCTYPE html><script>alert(1)</script>")},
		{"shell.txt", "file_type", []byte("<?php system('id');")},
		{"prog.exe", "file_type", []byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff")},
		{"prog", "file_type", []byte("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00")},
		{"noise.log", "file_type", []byte("\xff\xfe\x00\xd8\x00\x00abc\x80\x81\xfe")},
		{"controls.log", "file_type", bytes.Repeat([]byte("\x1b\x01a"), 50)},
		{"bomb.png", "file_pixels", pngClaiming(60000, 60000)},
		{"wide.png", "file_pixels", pngClaiming(30000, 2)},
		{"liar.png", "file_broken", pngClaiming(900, 900)},
		{"cut.png", "file_broken", asPNG(picture(300, 300))[:200]},
		{"scans.jpg", "file_broken", scans},
		{"cut.jpg", "file_broken", []byte("\xff\xd8\xff\xe0\x00\x10JFIF")},
		{"cut.gif", "file_broken", []byte("GIF89a\x01")},
		{"cut.webp", "file_broken", []byte("RIFF\x00\x00\x00\x00WEBPVP8 ")},
	} {
		_, err := files.Clean(masks, c.name, c.body, most)
		e, ok := errors.AsType[*models.Error](err)
		if !ok || e.Code != c.code || e.Field != files.Field {
			t.Errorf("%s: %v, want %s of %s", c.name, err, c.code, files.Field)
		}
	}
	for name, body := range map[string][]byte{
		"trailing":  append(asPNG(picture(20, 10)), long...),
		"jpeg tail": append(asJPEG(picture(20, 10)), long...),
		"comment":   append(append([]byte{0xff, 0xd8, 0xff, 0xfe, 0, byte(len(long) + 2)}, long...), asJPEG(picture(20, 10))[2:]...),
		"exif":      withExif(asJPEG(picture(20, 10)), 1, long+"GPS 31.2N 121.5E"),
		"gif tail":  append(asGIF(picture(20, 10)), long...),
	} {
		f, err := files.Clean(masks, "a.png", body, most)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, part := range []string{"<script", "<?php", "GPS", "Exif"} {
			if bytes.Contains(f.Body, []byte(part)) {
				t.Errorf("%s: %q is still in it", name, part)
			}
		}
		if img, _, err := image.Decode(bytes.NewReader(f.Body)); err != nil || img.Bounds().Dx() != 20 {
			t.Errorf("%s: no longer a picture: %v", name, err)
		}
	}
}

// A photograph stands as it was held, although what said so is gone.
func TestAPhotographIsTurnedUpright(t *testing.T) {
	img := picture(40, 20)
	for x := range 20 { // the left half is black
		for y := range 20 {
			img.Set(x, y, color.Black)
		}
	}
	for o, dark := range map[byte]image.Point{1: {4, 10}, 3: {35, 10}, 6: {10, 4}, 8: {10, 35}} {
		f, err := files.Clean(masks, "a.jpg", withExif(asJPEG(img), o, ""), most)
		if err != nil {
			t.Fatal(err)
		}
		got, err := jpeg.Decode(bytes.NewReader(f.Body))
		if err != nil {
			t.Fatal(err)
		}
		if turned := o >= 5; (got.Bounds().Dx() == 20) != turned || f.Width != got.Bounds().Dx() {
			t.Errorf("orientation %d: %v", o, got.Bounds())
		}
		if r, g, b, _ := got.At(dark.X, dark.Y).RGBA(); r+g+b > 3*0x3000 {
			t.Errorf("orientation %d: %v is not dark", o, dark)
		}
	}
}

// Wherever in a long log a secret stands, also across the seams of the windows, it
// is masked, the rest is untouched, and memory does not grow with the log.
func TestALongLogIsMaskedWherever(t *testing.T) {
	line := "2026-11-24T09:00:00Z INFO wallet: synced block %d in 12 ms\n"
	r := rand.New(rand.NewPCG(1, 2))
	for _, at := range []int{0, 1, 100 << 10, 112<<10 - 40, 112 << 10, 128<<10 - 60, 128<<10 - 10, 128 << 10, 128<<10 + 5, 240<<10 - 30, 300 << 10} {
		secret := redacttest.Phrase(t)
		var b strings.Builder
		for i := 0; b.Len() < at; i++ {
			fmt.Fprintf(&b, line, i)
		}
		b.WriteString("import failed for: " + secret + "\n")
		for i := range 4000 + r.IntN(500) {
			fmt.Fprintf(&b, line, i)
		}
		whole := b.String()
		masked, found := files.Mask(masks, whole)
		want, wanted := masks.Mask(whole)
		if masked != want || len(found) != len(wanted) || len(found) != 1 {
			t.Errorf("at %d: %d found, %d wanted, same text %v", at, len(found), len(wanted), masked == want)
		}
	}
	key := "-----BEGIN RSA PRIVATE KEY-----\n" + strings.Repeat("MIIEpAIBAAKCAQEA7bq0Zx81kQpL0mRt7VbN2cYw5HsD9eJf4GuA6iKo3TzXqWvB\n", 48) + "-----END RSA PRIVATE KEY-----\n"
	for _, at := range []int{112<<10 - 1500, 128<<10 - 1500} {
		masked, found := files.Mask(masks, strings.Repeat("an ordinary line\n", at/17)+key+strings.Repeat("an ordinary line\n", 20_000))
		if strings.Contains(masked, "Zx81kQpL0mRt7") || len(found) != 1 {
			t.Errorf("a key over the seam at %d: %d found", at, len(found))
		}
	}
	whole := strings.Repeat("2026-11-24 error: 转账失败，请稍后再试 "+redacttest.Phrase(t)+"\n", most/110)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	masked, found := files.Mask(masks, whole)
	runtime.ReadMemStats(&after)
	t.Logf("%d bytes, %d found, %d MB allocated on the way, heap now +%d MB", len(whole), len(found), (after.TotalAlloc-before.TotalAlloc)>>20, (int64(after.HeapAlloc)-int64(before.HeapAlloc))>>20)
	if _, again := files.Mask(masks, masked); len(again) > 0 {
		t.Errorf("masked text has %d findings", len(again))
	}
}

func FuzzClean(f *testing.F) {
	for _, seed := range [][]byte{asPNG(picture(3, 3)), asJPEG(picture(3, 3)), asGIF(picture(3, 3)), []byte("%PDF-1.4"), []byte("plain text"), archive()[:200], withExif(asJPEG(picture(3, 3)), 6, ""),
		[]byte("password=hunter2hunter2"), []byte("\xff\xfea\x00"), []byte("RIFF\x00\x00\x00\x00WEBPVP8L")} {
		f.Add("a.txt", seed)
	}
	f.Fuzz(func(t *testing.T, name string, body []byte) {
		got, err := files.Clean(masks, name, body, 1<<20)
		if err != nil {
			if models.KindOf(err) == "" {
				t.Fatalf("not for people: %v", err)
			}
			return
		}
		if got.Name == "" || !utf8.ValidString(got.Name) || strings.ContainsAny(got.Name, "/\\\x00\"<>") {
			t.Fatalf("name %q", got.Name)
		}
		switch got.MediaType {
		case models.MediaPNG, models.MediaJPEG:
			if _, _, err := image.Decode(bytes.NewReader(got.Body)); err != nil {
				t.Fatal(err)
			}
		case models.MediaText:
			if !utf8.Valid(got.Body) || bytes.IndexByte(got.Body, 0) >= 0 {
				t.Fatal("text that cannot be stored")
			}
			if _, found := masks.Mask(string(got.Body)); len(found) > 0 {
				t.Fatalf("still in it: %v", found)
			}
		case models.MediaPDF:
		default:
			t.Fatalf("kept as %q", got.MediaType)
		}
	})
}
