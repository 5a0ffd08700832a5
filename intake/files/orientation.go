package files

import (
	"encoding/binary"
	"image"
	"image/draw"
)

// orientation reads how a camera was held from a JPEG's EXIF, 1 to 8; 1 when it
// does not say. The metadata itself is not kept, so the picture must be turned.
func orientation(body []byte) int {
	for i := 2; i+4 <= len(body) && body[i] == 0xff; {
		marker, size := body[i+1], int(binary.BigEndian.Uint16(body[i+2:]))
		if marker == 0xda || size < 2 || i+2+size > len(body) {
			break
		}
		if segment := body[i+4 : i+2+size]; marker == 0xe1 && len(segment) > 14 && string(segment[:6]) == "Exif\x00\x00" {
			return tagOrientation(segment[6:])
		}
		i += 2 + size
	}
	return 1
}

// tagOrientation finds tag 0x0112 in the first directory of a TIFF header.
func tagOrientation(tiff []byte) int {
	var order binary.ByteOrder = binary.LittleEndian
	switch string(tiff[:2]) {
	case "II":
	case "MM":
		order = binary.BigEndian
	default:
		return 1
	}
	at := int(order.Uint32(tiff[4:]))
	if at < 8 || at+2 > len(tiff) {
		return 1
	}
	n := int(order.Uint16(tiff[at:]))
	for e := at + 2; n > 0 && e+12 <= len(tiff); n, e = n-1, e+12 {
		if order.Uint16(tiff[e:]) == 0x0112 {
			if o := int(order.Uint16(tiff[e+8:])); o >= 1 && o <= 8 {
				return o
			}
			return 1
		}
	}
	return 1
}

// upright turns a picture as its orientation asks.
func upright(img image.Image, o int) image.Image {
	if o <= 1 || o > 8 {
		return img
	}
	b := img.Bounds()
	src := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(src, src.Bounds(), img, b.Min, draw.Src)
	w, h := b.Dx(), b.Dy()
	if o >= 5 {
		w, h = h, w
	}
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range b.Dy() {
		for x := range b.Dx() {
			tx, ty := x, y
			switch o {
			case 2:
				tx = w - 1 - x
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				ty = h - 1 - y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = w-1-y, x
			case 7:
				tx, ty = w-1-y, h-1-x
			case 8:
				tx, ty = y, h-1-x
			}
			copy(out.Pix[out.PixOffset(tx, ty):][:4], src.Pix[src.PixOffset(x, y):][:4])
		}
	}
	return out
}
