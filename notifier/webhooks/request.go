package webhooks

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier/outbound"
)

// What is sealed, and where it lies: moved to another endpoint it does not open.
func urlOf(endpoint string) string    { return "webhook_url/" + endpoint }
func secretOf(endpoint string) string { return "webhook_secret/" + endpoint }

// request sends a message once and reads the answer as its receiver means it.
func (h *Hooks) request(ctx context.Context, e *models.WebhookEndpoint, m *models.WebhookMessage) result {
	to, header, body, err := h.compose(e, m)
	if err != nil {
		return result{outcome: OutcomeFailed, answer: shown(err.Error())}
	}
	a, err := h.o.Client.Post(ctx, to, header, body)
	r := resultOf(a, err, h.db.Now())
	if err == nil && r.outcome == OutcomeTaken {
		return verdict(e.Kind, a.Body, r)
	}
	return r
}

// compose is one try: the same body as before, signed anew.
func (h *Hooks) compose(e *models.WebhookEndpoint, m *models.WebhookMessage) (to string, header http.Header, body []byte, err error) {
	raw, err := h.auth.Open(e.URL, urlOf(e.ID))
	if err != nil {
		return "", nil, nil, fmt.Errorf("the address of the endpoint: %w", err)
	}
	now := h.db.Now()
	secret, err := h.secret(e.Secret, e.ID)
	if err != nil {
		return "", nil, nil, err
	}
	to, header = string(raw), http.Header{}
	switch e.Kind {
	case models.WebhookStandard:
		body = []byte(m.Content)
		var old string
		if e.OldSecret != "" && e.OldSecretUntil != nil && now.Before(*e.OldSecretUntil) {
			if old, err = h.secret(e.OldSecret, e.ID); err != nil {
				return "", nil, nil, err
			}
		}
		err = sign(header, m.ID, now, body, secret, old)
		return to, header, body, err
	case models.WebhookDingTalk:
		if to, err = dingTalkURL(to, secret, now); err != nil {
			return "", nil, nil, err
		}
	}
	p, err := readPayload(m.Content)
	if err != nil {
		return "", nil, nil, err
	}
	body, err = chatBody(e.Kind, h.words(e.Locale, p), secret, now)
	return to, header, body, err
}

func (h *Hooks) secret(sealed, endpoint string) (string, error) {
	if sealed == "" {
		return "", nil
	}
	b, err := h.auth.Open(sealed, secretOf(endpoint))
	if err != nil {
		return "", fmt.Errorf("the secret of the endpoint: %w", err)
	}
	return string(b), nil
}

// sign adds the headers of the Standard Webhooks scheme; with an old secret there are
// two signatures.
func sign(header http.Header, id string, at time.Time, body []byte, secret, old string) error {
	var signatures string
	for _, s := range []string{secret, old} {
		if s == "" {
			continue
		}
		w, err := standardwebhooks.NewWebhook(s)
		if err != nil {
			return errors.New("the secret of the endpoint is not base64")
		}
		signature, err := w.Sign(id, at, body)
		if err != nil {
			return err
		}
		if signatures != "" {
			signatures += " "
		}
		signatures += signature
	}
	header.Set(standardwebhooks.HeaderWebhookID, id)
	header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	header.Set(standardwebhooks.HeaderWebhookSignature, signatures)
	return nil
}

func hmacBase64(key, text string) string {
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}

// dingTalkURL signs in the query: HMAC of "timestamp\nsecret" by the secret, in
// milliseconds.
func dingTalkURL(to, secret string, now time.Time) (string, error) {
	if secret == "" {
		return to, nil
	}
	u, err := url.Parse(to)
	if err != nil {
		return "", outbound.ErrURL
	}
	at := strconv.FormatInt(now.UnixMilli(), 10)
	q := u.Query()
	q.Set("timestamp", at)
	q.Set("sign", hmacBase64(secret, at+"\n"+secret))
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// feishuSign is an HMAC of nothing whose key is "timestamp\nsecret", in seconds.
func feishuSign(secret, at string) string { return hmacBase64(at+"\n"+secret, "") }

// Codes by which a chat asks to be left alone for a while.
const (
	feishuTooFast   = 11232
	feishuFrequency = 9499
	weComTooFast    = 45009
	dingTalkTooFast = 130101
	dingTalkBusy    = -1
)

// verdict: the chats answer 200 to what they refuse, and say so in the body.
func verdict(kind string, body []byte, r result) result {
	var said struct {
		Code    *int `json:"code"`
		Status  *int `json:"StatusCode"`
		ErrCode *int `json:"errcode"`
	}
	switch kind {
	case models.WebhookFeishu, models.WebhookWeCom, models.WebhookDingTalk:
		if json.Unmarshal(body, &said) != nil {
			r.outcome = OutcomeFailed
			return r
		}
	default:
		return r
	}
	code := said.ErrCode
	if kind == models.WebhookFeishu {
		if code = said.Code; code == nil {
			code = said.Status // its older answer
		}
	}
	switch {
	case code == nil:
		r.outcome = OutcomeFailed
	case *code == 0:
	case kind == models.WebhookFeishu && (*code == feishuTooFast || *code == feishuFrequency),
		kind == models.WebhookWeCom && *code == weComTooFast,
		kind == models.WebhookDingTalk && (*code == dingTalkTooFast || *code == dingTalkBusy):
		r.outcome, r.after = OutcomeLater, max(r.after, restAfter)
	default:
		r.outcome = OutcomeFailed
	}
	return r
}
