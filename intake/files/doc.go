// Package files makes an uploaded file safe to keep: it tells what the bytes are
// whatever their name says, re-encodes images so that nothing but the picture is
// left of them, and masks secrets in text.
//
// It is pure: bytes in, bytes out. It knows neither the store nor HTTP.
//
// Invariants:
//   - what is not an image, a PDF or text is refused, archives by name;
//   - an image is decoded only after its dimensions were looked at, and what is
//     kept was encoded here: no metadata, nothing behind the picture;
//   - kept text is valid UTF-8 without control characters, and masking it again
//     finds nothing;
//   - a PDF is kept as it came and is never said to be checked.
package files
