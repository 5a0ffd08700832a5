package files

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/webp"

	"github.com/heedhq/heed/models"
)

const (
	// maxPixels and maxMemory bound what an image becomes when it is decoded: a
	// file of a few kilobytes can hold a picture of gigabytes.
	maxPixels = 16_000_000
	maxSide   = 20_000
	maxMemory = 96 << 20
	// maxScans bounds a JPEG's passes over its picture; cameras make about ten.
	maxScans = 64
	quality  = 88
)

var errTooLarge = errors.New("too large when encoded")

// decoding lets one image be decoded at a time: it takes tens of megabytes.
var decoding = make(chan struct{}, 1)

// image decodes a picture and keeps what was encoded anew. A moving picture keeps
// its first frame.
func (f *File) image(what kind, body []byte, most int) error {
	decoding <- struct{}{}
	defer func() { <-decoding }()
	cfg, err := dimensions(what, body)
	if err != nil || cfg.Width <= 0 || cfg.Height <= 0 {
		return models.BadField(Field, "file_broken", f.Name)
	}
	if cfg.Width > maxSide || cfg.Height > maxSide || cfg.Width*cfg.Height > maxPixels || cfg.Width*cfg.Height*bytesPerPixel(what, cfg.ColorModel) > maxMemory {
		return models.BadField(Field, "file_pixels", f.Name, maxPixels/1_000_000)
	}
	if what == isJPEG && bytes.Count(body, []byte{0xff, 0xda}) > maxScans {
		return models.BadField(Field, "file_broken", f.Name)
	}
	img, err := decode(what, body)
	if err != nil || img.Bounds().Dx() != cfg.Width || img.Bounds().Dy() != cfg.Height {
		return models.BadField(Field, "file_broken", f.Name)
	}
	if what == isJPEG {
		img = upright(img, orientation(body))
	}
	f.Width, f.Height = img.Bounds().Dx(), img.Bounds().Dy()
	err = f.encode(what, img, most)
	if errors.Is(err, errTooLarge) {
		return TooLarge(f.Name, most)
	}
	return err
}

// encode writes the picture as PNG where it was drawn, as JPEG where it was
// photographed or where a PNG would be too large.
func (f *File) encode(what kind, img image.Image, most int) error {
	var out bytes.Buffer
	opaque := isOpaque(img)
	if what == isPNG || what == isGIF || !opaque {
		if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, img); err != nil {
			return err
		}
		if out.Len() <= most {
			f.MediaType, f.Body = models.MediaPNG, out.Bytes()
			return nil
		}
	}
	out.Reset()
	if !opaque {
		img = onWhite(img)
	}
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: quality}); err != nil {
		return err
	}
	if out.Len() > most {
		return errTooLarge
	}
	f.MediaType, f.Body = models.MediaJPEG, out.Bytes()
	return nil
}

func dimensions(what kind, body []byte) (image.Config, error) {
	r := bytes.NewReader(body)
	switch what {
	case isPNG:
		return png.DecodeConfig(r)
	case isJPEG:
		return jpeg.DecodeConfig(r)
	case isGIF:
		return gif.DecodeConfig(r)
	}
	return webp.DecodeConfig(r)
}

// decode never panics: a decoder that does has met a broken file.
func decode(what kind, body []byte) (img image.Image, err error) {
	defer func() {
		if recover() != nil {
			img, err = nil, errors.New("the decoder gave up")
		}
	}()
	r := bytes.NewReader(body)
	switch what {
	case isPNG:
		return png.Decode(r)
	case isJPEG:
		return jpeg.Decode(r)
	case isGIF:
		// The whole picture, onto which its first frame is drawn.
		first, err := gif.Decode(r)
		if err != nil {
			return nil, err
		}
		cfg, err := gif.DecodeConfig(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		whole := image.NewNRGBA(image.Rect(0, 0, cfg.Width, cfg.Height))
		draw.Draw(whole, first.Bounds(), first, first.Bounds().Min, draw.Src)
		return whole, nil
	}
	return webp.Decode(r)
}

// bytesPerPixel is what decoding takes at most. A progressive JPEG is kept as
// coefficients of four bytes.
func bytesPerPixel(what kind, m color.Model) int {
	switch {
	case what == isGIF:
		return 5
	case what == isJPEG && m == color.GrayModel, what == isWebP:
		return 6
	case what == isJPEG && m == color.CMYKModel:
		return 16
	case what == isJPEG:
		return 6
	case m == color.GrayModel:
		return 1
	case m == color.NRGBA64Model, m == color.RGBA64Model:
		return 8
	}
	return 4
}

func isOpaque(img image.Image) bool {
	o, ok := img.(interface{ Opaque() bool })
	return ok && o.Opaque()
}

func onWhite(img image.Image) image.Image {
	b := img.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(out, out.Bounds(), img, b.Min, draw.Over)
	return out
}
