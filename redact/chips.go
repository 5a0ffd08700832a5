package redact

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/crypto/sha3" // Ethereum's checksum is of a hash that the standard library leaves out
)

// ChipKind is what a chip is.
type ChipKind string

// The kinds of chips.
const (
	ChipAddress     ChipKind = "address"
	ChipTransaction ChipKind = "transaction"
	ChipAmount      ChipKind = "amount"
)

// Chip is what is no secret but says who owns what: staff read it, and it never
// leaves the console. Start and End are byte offsets, End exclusive.
type Chip struct {
	Kind       ChipKind
	Start, End int
}

// withheld stands for a chip in what leaves the console.
const withheld = "[…]"

// Chips finds wallet addresses, transaction ids and amounts, in order. An address
// that has a checksum must have a right one.
func Chips(text string) []Chip {
	v := fold(text)
	var found []Chip
	for i := 0; i < len(v.plain); i++ {
		if !isToken(v.plain[i]) {
			continue
		}
		end := runEnd(v.plain, i, isToken)
		for from := i; from < end; {
			to := runEnd(v.plain, from, isAlnum)
			if kind := chipOf(v.plain[from:to]); kind != "" {
				found = append(found, Chip{kind, from, to})
			}
			from = max(to, from) + 1
		}
		if isTONAddress(v.plain[i:end]) {
			found = append(found, Chip{ChipAddress, i, end})
		}
		i = end
	}
	found = append(found, amounts(v)...)
	return v.chips(found)
}

// chips maps chips of the view to the original text and lets the first of those that
// overlap stand.
func (v *view) chips(found []Chip) []Chip {
	slices.SortStableFunc(found, func(a, b Chip) int { return a.Start - b.Start })
	var out []Chip
	for _, c := range found {
		c.Start, c.End = v.original(v.whole(c.Start, c.End))
		if len(out) == 0 || c.Start >= out[len(out)-1].End {
			out = append(out, c)
		}
	}
	return out
}

// WithoutChips replaces the chips of the kinds named, of all kinds when none is, for
// a text that leaves the console. What was glued to a chip, and so was none, may be
// one where that is gone: it looks again until nothing is left.
func WithoutChips(text string, kinds ...ChipKind) string {
	for {
		out := withoutChips(text, kinds)
		if out == text {
			return out
		}
		text = out
	}
}

func withoutChips(text string, kinds []ChipKind) string {
	var b strings.Builder
	last := 0
	for _, c := range Chips(text) {
		if len(kinds) == 0 || slices.Contains(kinds, c.Kind) {
			b.WriteString(text[last:c.Start])
			b.WriteString(withheld)
			last = c.End
		}
	}
	if last == 0 {
		return text
	}
	return b.String() + text[last:]
}

// Clean is the text of Mask alone.
func (r *Redactor) Clean(text string) string {
	masked, _ := r.Mask(text)
	return masked
}

// Why a text may not be published.
const (
	UnfitSecret = "secret_in_public"
	UnfitChip   = "chip_in_public"
)

// Unfit tells why a text that staff wrote may not be published, "" when it may: it
// holds a secret, or somebody's address or transaction. An amount may stand there:
// "transfers up to 100 USDT" is nobody's.
func (r *Redactor) Unfit(text string) string {
	masked, found := r.Mask(text)
	if len(found) > 0 || len(r.Warn(masked)) > 0 { // a phrase with a slip gives as much away
		return UnfitSecret
	}
	for _, c := range Chips(text) {
		if c.Kind != ChipAmount {
			return UnfitChip
		}
	}
	return ""
}

// Outgoing is what staff wrote for the public as it leaves the house: without
// secrets, addresses and transactions, whatever was stored before there was a rule.
func (r *Redactor) Outgoing(text string) string {
	return WithoutChips(r.Clean(text), ChipAddress, ChipTransaction)
}

// chipOf tells what a word is, "" for a word.
func chipOf(s string) ChipKind {
	if len(s) < 26 || len(s) > 120 {
		return ""
	}
	if s[0] == '0' && s[1]|0x20 == 'x' && runEnd(s, 2, isHex) == len(s) {
		switch {
		case len(s) == 66:
			return ChipTransaction
		case len(s) == 42 && isEthereum(s[2:]):
			return ChipAddress
		}
		return ""
	}
	switch {
	case len(s) == 64 && runEnd(s, 0, isHex) == 64:
		return ChipTransaction
	case isBech32(s) || isBase58Address(s):
		return ChipAddress
	case len(s) >= 86 && len(s) <= 88:
		if b, ok := base58(s); ok && len(b) == 64 {
			return ChipTransaction
		}
	}
	return ""
}

// isEthereum tells 40 hexadecimal digits in one case, or in the mixed one that is
// their checksum (EIP-55).
func isEthereum(s string) bool {
	lower := strings.ToLower(s)
	if s == lower || s == strings.ToUpper(s) {
		return true
	}
	h := sha3.NewLegacyKeccak256()
	h.Write([]byte(lower))
	sum := h.Sum(nil)
	for i := range len(s) {
		if nibble := sum[i/2] >> (4 - 4*(i%2)) & 15; isLower(lower[i]) && (nibble >= 8) == isLower(s[i]) {
			return false
		}
	}
	return true
}

// addressVersions begin the addresses of Bitcoin, its test network, Litecoin,
// Dogecoin, Dash, Zcash and TRON.
const addressVersions = "\x00\x05\x6f\xc4\x30\x32\x1e\x16\x4c\x10\x41"

// isBase58Address tells addresses with a checksum, those of XRP included, and
// Solana's, which are 32 bytes without one.
func isBase58Address(s string) bool {
	if len(s) > 44 || runEnd(s, 0, isBase58) < len(s) {
		return false
	}
	if b, ok := base58Check(s); ok && len(b) == 21 && strings.IndexByte(addressVersions, b[0]) >= 0 {
		return true
	}
	if s[0] == 'r' {
		const ripple = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
		mapped := strings.Map(func(r rune) rune {
			if i := strings.IndexRune(ripple, r); i >= 0 {
				return rune(base58Alphabet[i])
			}
			return -1
		}, s)
		if b, ok := base58Check(mapped); ok && len(b) == 21 && b[0] == 0 {
			return true
		}
	}
	if len(s) < 43 || longestRun(s, isDigit) == 0 || s == strings.ToLower(s) || s == strings.ToUpper(s) {
		return false
	}
	b, ok := base58(s)
	return ok && len(b) == 32
}

// bech32Names are the beginnings of addresses with a Bech32 checksum.
var bech32Names = []string{"bc", "tb", "bcrt", "ltc", "addr", "cosmos", "osmo", "bnb", "inj", "sei", "celestia", "kava", "thor"}

// isBech32 verifies BIP-173 and BIP-350.
func isBech32(s string) bool {
	const charset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	at := strings.LastIndexByte(s, '1')
	lower := strings.ToLower(s)
	if at < 2 || s != lower && s != strings.ToUpper(s) || !slices.Contains(bech32Names, lower[:at]) || len(s)-at < 7 {
		return false
	}
	sum := uint32(1)
	step := func(v uint32) {
		top := sum >> 25
		sum = sum&0x1ffffff<<5 ^ v
		for i, g := range []uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	for i := range at {
		step(uint32(lower[i]) >> 5)
	}
	step(0)
	for i := range at {
		step(uint32(lower[i]) & 31)
	}
	for _, c := range []byte(lower[at+1:]) {
		v := strings.IndexByte(charset, c)
		if v < 0 {
			return false
		}
		step(uint32(v))
	}
	return sum == 1 || sum == 0x2bc830a3
}

// isTONAddress tells 36 bytes in base64 of which the last two are a checksum.
func isTONAddress(s string) bool {
	if len(s) != 48 {
		return false
	}
	b, err := base64.URLEncoding.DecodeString(s)
	if err != nil || bytes.IndexByte([]byte{0x11, 0x51, 0x91, 0xd1}, b[0]) < 0 {
		return false
	}
	crc := uint16(0)
	for _, c := range b[:34] {
		crc ^= uint16(c) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return crc == binary.BigEndian.Uint16(b[34:])
}

const (
	number = `(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)`
	// plainUnits are read in any case, capitals only as they stand.
	plainUnits = `usdt|usdc|busd|fdusd|dai|btc|eth|weth|bnb|trx|doge|ltc|xrp|matic|avax|usd|eur|gbp|cny|rmb|jpy|hkd|sgd|krw|twd|bitcoins?|ethers?|satoshis?|sats|gwei|dollars?|bucks|euros?|yuan`
	capitals   = `TON|SOL|ADA|DOT|POL|ARB|SUI|APT|NEAR|ATOM|FIL|BCH|ETC|UNI|LINK|PEPE|SHIB`
	hanUnits   = `元|块钱|塊錢|美元|美金|人民币|人民幣|港币|港幣|日元|欧元|歐元|英镑|英鎊|比特币|比特幣|以太币|以太幣|万元|萬元|万刀|亿元|億元|刀`
)

var amountForms = []*regexp.Regexp{
	regexp.MustCompile(`[$€£¥]\s?` + number + `(?:\s?(?i:k|m|bn|万|萬|亿|億)\b)?`),
	regexp.MustCompile(number + `\s?(?:[kKwW万萬亿億]\s?)?(?:个|個|枚)?\s?(?:(?:(?i:` + plainUnits + `)|` + capitals + `)\b|` + hanUnits + `)`),
	regexp.MustCompile(`\b(?i:usdt|usdc|usd|eur|gbp|cny|rmb|hkd)\s?[:：]?\s?` + number),
}

// amounts finds numbers with a currency.
func amounts(v *view) []Chip {
	var out []Chip
	if !strings.ContainsAny(v.plain, "0123456789") {
		return nil
	}
	for _, form := range amountForms {
		for _, at := range form.FindAllStringIndex(v.plain, -1) {
			if first := v.plain[at[0]]; at[0] > 0 && isDigit(first) && (isAlnum(v.plain[at[0]-1]) || v.plain[at[0]-1] == '.') {
				continue
			}
			out = append(out, Chip{ChipAmount, at[0], at[1]})
		}
	}
	return out
}
