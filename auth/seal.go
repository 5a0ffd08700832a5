package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/heedhq/heed/models"
)

const sealVersion = "v1."

// errSealed says no more: which of key, context and text is wrong cannot be
// told, and must not be.
var errSealed = errors.New("sealed text does not open: other key, other context, or changed")

// Seal encrypts plain for storing (AES-256-GCM). context names the place it is
// stored in, such as "webhook/whk_…": moved elsewhere it does not open.
func (a *Auth) Seal(plain []byte, context string) (string, error) {
	aead, err := a.aead()
	if err != nil {
		return "", fmt.Errorf("seal: %w", err)
	}
	return sealVersion + base64.RawURLEncoding.EncodeToString(aead.Seal(nil, nil, plain, []byte(context))), nil
}

// Open decrypts what Seal returned for the same context.
func (a *Auth) Open(sealed, context string) ([]byte, error) {
	aead, err := a.aead()
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	body, ok := strings.CutPrefix(sealed, sealVersion)
	raw, derr := base64.RawURLEncoding.DecodeString(body)
	if !ok || derr != nil {
		return nil, errSealed
	}
	plain, err := aead.Open(nil, nil, raw, []byte(context))
	if err != nil {
		return nil, errSealed
	}
	return plain, nil
}

// aead puts a random nonce before each text: safe for 2^32 texts, and an
// installation seals a handful.
func (a *Auth) aead() (cipher.AEAD, error) {
	block, err := aes.NewCipher(a.sealing)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// wrap names the operation in an error that is not of the vocabulary; what a
// client may see stays as it is.
func wrap(operation string, err error) error {
	if err == nil || models.KindOf(err) != "" {
		return err
	}
	return fmt.Errorf("%s: %w", operation, err)
}
