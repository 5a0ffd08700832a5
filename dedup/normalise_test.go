package dedup

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNormalise(t *testing.T) {
	for in, want := range map[string]string{
		"  Export is\tSLOW \n\n today ":                      "export is slow today",
		"ＡＰＰ 闪退！":                                            "app 闪退!",
		"see https://x.io/a?b=c now":                         "see now",
		"打开https://x.io/a就报错":                                "打开就报错",
		"look:xhttps://x.io/a":                               "look:x",
		"write to Ann.B+c@mail.example.com please":           "write to please",
		"tx 0x52908400098527886E0F7030069857D2E4169EE7 lost": "tx lost",
		"id 123e4567-e89b-12d3-a456-426614174000 failed":     "id failed",
		"Can’t log in":                                       "can't log in",
		"ze\u200bro wi\u00addth":                             "zero width",
		"version 1.2.3 on 2024":                              "version 1.2.3 on 2024",
		"cafe\u0301":                                         "café",
		"\xff\xfe":                                           "",
		"":                                                   "",
	} {
		want = strings.ReplaceAll(want, "打开就报错", "打开 就报错")
		if got := Normalise(in); got != want {
			t.Errorf("Normalise(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLanguage(t *testing.T) {
	for in, want := range map[string]string{
		"Export is slow": "en", "导出很慢": "zh", "iOS 版 App 闪退": "zh", "I use 微信 to sign in every day": "en",
		"": "und", "123 !!": "und", "👍👍": "und", "не работает": "und", "アプリが落ちる": "und", "ＡＢＣ": "en",
	} {
		if got := Language(in); got != want {
			t.Errorf("Language(%q) = %q, want %q", in, got, want)
		}
	}
}

// What says the same has one key.
func TestExactKeyIsShared(t *testing.T) {
	for _, p := range [][2]string{
		{"Export is slow", "  export is SLOW. "},
		{"导出很慢！", "导出很慢。"},
		{"ＡＰＰ闪退", "app 闪退"},
		{"I can’t log in", "I can't log in"},
		{"It hangs. Please fix", "It hangs! Please fix!!"},
		{"The export of my board never ends https://x.io/b?utm_source=mail", "The export of my board never ends https://x.io/b/"},
		{"The export of my board never ends, write to a@x.io", "The export of my board never ends, write to b@y.io"},
	} {
		if a, b := ExactKey("", p[0]), ExactKey("", p[1]); a == "" || a != b {
			t.Errorf("%q and %q: keys %q and %q", p[0], p[1], a, b)
		}
	}
	if ExactKey("Export", "slow") != ExactKey("", "Export\nslow") {
		t.Error("a title is the first line")
	}
	if ExactKey("Export is slow", "export is slow") != ExactKey("", "Export is slow") {
		t.Error("a title that repeats the text adds nothing")
	}
}

// What may matter to somebody keeps its own key.
func TestExactKeyDiffers(t *testing.T) {
	for _, p := range [][2]string{
		{"export 100 rows", "export 1000 rows"}, {"takes 1.5 s", "takes 15 s"}, {"takes 1.5 s", "takes 1,5 s"},
		{"I can log in", "I can not log in"}, {"能登录", "不能登录"}, {"不，要退款", "不要退款"},
		{"crash on 2.1.0", "crash on 2.1.1"}, {"crash on iOS", "crash on Android"}, {"苹果闪退", "安卓闪退"},
		{"see https://x.io/a", "see https://x.io/b"}, {"see https://x.io/?id=1", "see https://x.io/?id=2"},
		{"please list the token 0x52908400098527886E0F7030069857D2E4169EE7 on the exchange soon", "please list the token 0x8617E340B3D01FA5F11F306F4090FD50E238070D on the exchange soon"},
		{"mail a@x.io", "mail b@x.io"}, {"love it 👍", "love it 👎"}, {"x > 5", "x < 5"}, {"c++ please", "c please"}, {"a != b", "a = b"},
		{"支持 iOS？", "支持 iOS"}, {"-5 degrees", "5 degrees"},
	} {
		if a, b := ExactKey("", p[0]), ExactKey("", p[1]); a == b {
			t.Errorf("%q and %q share the key %q", p[0], p[1], a)
		}
	}
}

func TestExactKeyOfNothing(t *testing.T) {
	for _, s := range []string{"", "  \n", "\u200b"} {
		if k := ExactKey("", s); k != "" {
			t.Errorf("ExactKey(%q) = %q, want none", s, k)
		}
		if k := ExactKey(s, s); k != "" {
			t.Errorf("ExactKey twice %q = %q, want none", s, k)
		}
	}
}

// What has no word is told apart by every character, and names nothing: nobody joins
// a theme by such a key.
func TestExactKeyWithoutWords(t *testing.T) {
	x, of := NewIndex(), map[string]string{}
	for _, s := range []string{"👍", "👍👍", "🎉", "!!!", "!", "...", "???", "?", "https://x.io/a", "https://x.io/b", "a@x.io", "b@x.io", "0x52908400098527886E0F7030069857D2E4169EE7"} {
		k := ExactKey("", s)
		if other, taken := of[k]; k == "" || taken {
			t.Errorf("%q has the key %q of %q", s, k, other)
		}
		of[k] = s
		if ExactKey(s, s) != k || ExactKey(s, "") != k || ExactKey("", " "+strings.ToUpper(s)+"\n") != k {
			t.Errorf("%q, written twice or in capitals, has another key", s)
		}
		if x.Says(s, s) {
			t.Errorf("%q is taken to name something", s)
		}
	}
	if ExactKey("https://x.io/a", "https://x.io/b") == ExactKey("https://x.io/c", "https://x.io/b") {
		t.Error("titles that are addresses are not told apart")
	}
	if ExactKey("", "👍\ufe0f") != ExactKey("", "👍") {
		t.Error("a mark that nobody sees tells texts apart")
	}
}

// A number put anywhere between two words changes the key.
func TestExactKeyKeepsNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.SampledFrom([]string{"export", "slow", "提现", "board", "v2", "not", "https://x.io/q?a=1"}), 1, 8).Draw(t, "words")
		at := rapid.IntRange(0, len(words)).Draw(t, "at")
		a, b := rapid.IntRange(0, 99999).Draw(t, "a"), rapid.IntRange(0, 99999).Draw(t, "b")
		with := func(n int) string {
			return strings.Join(words[:at], " ") + " " + strings.Repeat("7", 1+n%3) + string(rune('0'+n%10)) + " " + strings.Join(words[at:], " ")
		}
		x, y := ExactKey("", with(a)), ExactKey("", with(b))
		if same := with(a) == with(b); same != (x == y) || x == "" {
			t.Fatalf("%q %q: keys %q %q", with(a), with(b), x, y)
		}
	})
}

func FuzzNormalise(f *testing.F) {
	for _, s := range []string{"Export SLOW", "ＡＰＰ 闪退！https://x.io", "e\u0301\u200d\u0301", "\u202eabc", "J\u030c", "\xff", "ﷺ", "a@b.c@d.e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := Normalise(s)
		if again := Normalise(n); again != n {
			t.Fatalf("not stable: %q → %q → %q", s, n, again)
		}
		if strings.Contains(n, "https://x.io") || strings.Contains(n, "  ") || strings.TrimSpace(n) != n {
			t.Fatalf("%q → %q", s, n)
		}
		if ExactKey("", s) != ExactKey("", s+" ") {
			t.Fatalf("%q: white space at the end changes the key", s)
		}
	})
}
