package redact

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestChipsAreFoundByTheirChecksums(t *testing.T) {
	for _, c := range []struct {
		kind ChipKind
		chip string
	}{
		{ChipAddress, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"}, {ChipAddress, "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"}, // EIP-55
		{ChipAddress, "0x52908400098527886E0F7030069857D2E4169EE7"}, {ChipAddress, "0xde709f2102306220921060314715629080e2fb77"},
		{ChipAddress, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"}, {ChipAddress, "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"},
		{ChipAddress, "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"}, {ChipAddress, "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"}, {ChipAddress, "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"},
		{ChipAddress, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"}, {ChipAddress, "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"}, {ChipAddress, "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"},
		{ChipTransaction, "0x" + strings.Repeat("9f3c", 16)}, {ChipTransaction, strings.Repeat("9F3c", 16)},
		{ChipAmount, "500 USDT"}, {ChipAmount, "1,234.56 usdc"}, {ChipAmount, "$20"}, {ChipAmount, "¥ 3,000"}, {ChipAmount, "0.5 个 ETH"}, {ChipAmount, "100 元"}, {ChipAmount, "3 万元"}, {ChipAmount, "USD 500"}, {ChipAmount, "2 SOL"}, {ChipAmount, "10k usdt"},
		{ChipAmount, "５００ ＵＳＤＴ"},
	} {
		for _, text := range []string{"{}", "I sent it to {}, why?", "我转到了{}。", "({})", "a\n{}\nb"} {
			whole := strings.Replace(text, "{}", c.chip, 1)
			got := Chips(whole)
			start := strings.Index(whole, c.chip)
			if len(got) != 1 || got[0] != (Chip{c.kind, start, start + len(c.chip)}) {
				t.Errorf("%q: %+v", whole, got)
			}
			if out := WithoutChips(whole); out != strings.Replace(text, "{}", withheld, 1) {
				t.Errorf("%q became %q", whole, out)
			}
		}
	}
}

func TestWordsAndVersionsAreNoChips(t *testing.T) {
	for _, text := range []string{
		"", "ERC20 and BEP20", "version 2.4.10", "iPhone 15", "Windows 11", "1 ton of text", "5 dots", "24h", "100%", "at 10:30", "2026-11-26", "error 404", "3 times", "三次", "第 3 个版本", "10 个钱包", "v1.2 eth",
		"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed", // one letter of the checksum is wrong
		"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdx", "0x1234", "hello-world-this-is-a-long-slug-of-many-words-in-a-row",
		"https://example.test/aVeryLongPathWithoutAnyDigitsInItAtAllReally", "antidisestablishmentarianism",
	} {
		if got := Chips(text); len(got) > 0 {
			t.Errorf("%q: %+v %q", text, got, text[got[0].Start:got[0].End])
		}
	}
}

// Whatever is written, chips are in order, within the text, and gone afterwards.
func TestNoChipIsLeft(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		pieces := []string{"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "0x" + randomHex(rng, 40), "0x" + randomHex(rng, 64), "5 USDT", "$3", "，", " ", "-", "①", "ﬁ", "转", "x", "0", ".", "\xff", "_"}
		var b strings.Builder
		for range rapid.IntRange(0, 12).Draw(t, "n") {
			b.WriteString(rapid.SampledFrom(pieces).Draw(t, "piece"))
			b.WriteString(rapid.StringN(0, 3, -1).Draw(t, "text"))
		}
		text, last := b.String(), 0
		for _, c := range Chips(text) {
			if c.Start < last || c.End <= c.Start || c.End > len(text) {
				t.Fatalf("%+v in %q", c, text)
			}
			last = c.End
		}
		if out := WithoutChips(text); len(Chips(out)) > 0 {
			t.Fatalf("%q became %q, which has %+v", text, out, Chips(out))
		}
	})
}

// A word that is no address because it is glued to another chip is one without it.
func TestWhatWasGluedToAChipIsLookedAtAgain(t *testing.T) {
	const glued = "5 USDT¼1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
	if out := WithoutChips(glued); out != "5 "+withheld+withheld {
		t.Errorf("%q became %q", glued, out)
	}
}

func FuzzChips(f *testing.F) {
	f.Add("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed 5 USDT $3 bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq")
	f.Fuzz(func(t *testing.T, text string) {
		for _, c := range Chips(text) {
			if c.Start < 0 || c.End > len(text) || c.End <= c.Start {
				t.Fatal(fmt.Sprint(c))
			}
		}
		WithoutChips(text)
	})
}

func BenchmarkChips2KB(b *testing.B) {
	text := strings.Repeat("I sent 500 USDT to TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t and waited for 3 hours, nothing came. ", 23)[:2048]
	for b.Loop() {
		Chips(text)
	}
}
