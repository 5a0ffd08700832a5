package web

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/ui"
)

// FormKey is the field by which one showing of a form is known; the template "once"
// makes it.
const FormKey = "key"

// Ending is how a form went that went well: where the browser goes and what it is told
// there. Note is whatever else its page has to know.
type Ending struct {
	Path  string    `json:"path"`
	Toast *ui.Toast `json:"toast,omitempty"`
	Note  string    `json:"note,omitempty"`
}

// Form is the work of a form. Before stores nothing and may take its time; nil for
// nothing. Do runs inside of one Write.
type Form struct {
	Before func(context.Context) error
	Do     func(context.Context) (Ending, error)
}

// Once does what a form asks. However often the button of one showing of it is pressed
// with the same words in it, one thing is made, and each press ends as the first did; what
// is written anew after going back is another. files are those that came with it. A form
// without FormKey, as a script of somebody's own sends it, is just done.
func Once(c echo.Context, in *intake.Intake, a auth.Actor, files []intake.Upload, f Form) (Ending, error) {
	var end Ending
	values, err := c.FormParams()
	if err != nil {
		return end, err
	}
	key, said := values.Get(FormKey), map[string][]string{}
	for name, v := range values {
		if name != FormKey {
			said[name] = v
		}
	}
	request, err := json.Marshal([]any{c.Request().URL.Path, said, files})
	if err != nil {
		return end, err
	}
	if key != "" {
		sum := sha256.Sum256(append([]byte(key+"\n"), request...))
		key = "form/" + hex.EncodeToString(sum[:])
	}
	ans, replayed, err := in.Once(c.Request().Context(), a, key, request, intake.Work{Before: f.Before, Do: func(ctx context.Context) (ans intake.Answer, err error) {
		if end, err = f.Do(ctx); err != nil {
			return ans, err
		}
		b, err := json.Marshal(end)
		return intake.Answer{Status: http.StatusSeeOther, Body: string(b)}, err
	}})
	if err == nil && replayed {
		err = json.Unmarshal([]byte(ans.Body), &end)
	}
	return end, err
}

// Shut encrypts what a form shows once, such as a token, for an Ending: the key is that of
// the form, of which the store has but a hash, so that only the browser that pressed the
// button opens it, for the second press, whose answer is the one that it shows. Without
// FormKey nothing is kept, nor is it here.
func Shut(c echo.Context, secret string) (string, error) {
	aead, err := formCipher(c)
	if err != nil || aead == nil {
		return "", err
	}
	return base64.RawStdEncoding.EncodeToString(aead.Seal(nil, nil, []byte(secret), nil)), nil
}

// Unshut opens what Shut made for the same form.
func Unshut(c echo.Context, shut string) (string, error) {
	aead, err := formCipher(c)
	if err != nil || aead == nil {
		return "", err
	}
	b, err := base64.RawStdEncoding.DecodeString(shut)
	if err != nil {
		return "", err
	}
	plain, err := aead.Open(nil, nil, b, nil)
	return string(plain), err
}

func formCipher(c echo.Context) (cipher.AEAD, error) {
	key := c.FormValue(FormKey)
	if key == "" {
		return nil, nil
	}
	sum := sha256.Sum256([]byte("shut\n" + key))
	block, err := aes.NewCipher(sum[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
