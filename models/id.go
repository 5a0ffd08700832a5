package models

import (
	"encoding/base32"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Prefixes of the ids that people and scripts see.
const (
	PrefixSuggestion = "sug"
	PrefixTheme      = "thm"
	PrefixPerson     = "per"
	PrefixMember     = "mem"
	PrefixToken      = "tok"
	PrefixActivity   = "act"
	PrefixEvent      = "evt"
	PrefixDelivery   = "dlv"
	PrefixIssueLink  = "iss"
	PrefixIssueOp    = "iop"
	PrefixIssueNote  = "icm"
	PrefixJob        = "job"
	PrefixProposal   = "prp"
	PrefixAccount    = "acc"
	PrefixAgentWord  = "agp"
	PrefixClient     = "clt"
	PrefixMessage    = "msg"
	PrefixAttachment = "att"
	PrefixRule       = "rul"
	PrefixSweep      = "swp"
	PrefixBounce     = "bnc"
	PrefixWebhook    = "whk"
	PrefixWebhookMsg = "whm"
	PrefixUpdate     = "upd"
	PrefixRelease    = "rel"
	PrefixDraft      = "rdr"
	PrefixComment    = "cmt"
	PrefixAnswer     = "ans"
)

// idAlphabet keeps the order of the bytes (RFC 4648 "hex" alphabet), so text
// ids sort as the UUIDs do: by creation.
var idAlphabet = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

const idBody = 26 // 16 bytes in base32

// NewID returns a fresh id such as "sug_06b1…": a UUIDv7 after its prefix. Ids
// made later by the same process compare greater.
func NewID(prefix string) string {
	u := uuid.Must(uuid.NewV7())
	return prefix + "_" + idAlphabet.EncodeToString(u[:])
}

// IDFrom returns what ids with that prefix made at a time or later compare not less
// than: a bound for a list that is in order of its ids.
func IDFrom(prefix string, t time.Time) string {
	var b [16]byte
	ms := uint64(max(t.UnixMilli(), 0))
	for i := range 6 {
		b[i] = byte(ms >> (8 * (5 - i)))
	}
	return prefix + "_" + idAlphabet.EncodeToString(b[:])
}

// IsID reports whether s has the form of an id with that prefix.
func IsID(prefix, s string) bool {
	body, ok := strings.CutPrefix(s, prefix+"_")
	if !ok || len(body) != idBody {
		return false
	}
	_, err := idAlphabet.DecodeString(body)
	return err == nil
}
