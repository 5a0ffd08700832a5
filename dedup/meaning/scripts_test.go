package meaning

import (
	"strings"
	"testing"
)

// scripts the built-in model cannot read: three texts that have nothing to do with
// each other, and the first one again in nearly its words.
var scripts = map[string][4]string{
	"Hebrew":     {"לא מצליח להתחבר לחשבון שלי", "הייצוא של הלוח איטי מאוד", "אפשר להוסיף מצב כהה בבקשה", "לא מצליחה להתחבר לחשבון שלי"},
	"Arabic":     {"لا أستطيع تسجيل الدخول إلى حسابي", "تصدير اللوحة بطيء جدا", "أضيفوا الوضع الداكن من فضلكم", "لا أستطيع تسجيل الدخول الى حسابي ابدا"},
	"Thai":       {"ลืมรหัสผ่านเข้าบัญชีไม่ได้", "ส่งออกบอร์ดช้ามาก", "ขอโหมดมืดหน่อยครับ", "ลืมรหัสผ่านเข้าบัญชีไม่ได้เลย"},
	"Devanagari": {"मैं अपना पासवर्ड भूल गया", "बोर्ड निर्यात बहुत धीमा है", "कृपया डार्क थीम जोड़ें", "मैं अपना पासवर्ड फिर भूल गया"},
	"Korean":     {"비밀번호를 잊어버려서 로그인이 안돼요", "보드 내보내기가 너무 느립니다", "다크 모드를 추가해 주세요", "비밀번호를 잊어버려서 로그인 안돼요"},
	"Japanese":   {"パスワードを忘れてログインできません", "ボードのエクスポートがとても遅いです", "ダークモードを追加してください", "パスワードを忘れてしまいログインできません"},
	"Cyrillic":   {"Не могу войти в свой аккаунт", "Экспорт доски очень медленный", "Добавьте тёмную тему пожалуйста", "Не могу войти в аккаунт"},
	"Greek":      {"Δεν μπορώ να συνδεθώ στον λογαριασμό", "Η εξαγωγή του πίνακα είναι αργή", "Προσθέστε σκούρο θέμα παρακαλώ", "Δεν μπορώ να συνδεθώ στον λογαριασμό μου"},
	"Georgian":   {"ვერ შევდივარ ჩემს ანგარიშში", "დაფის ექსპორტი ძალიან ნელია", "დაამატეთ მუქი თემა", "ვერ შევდივარ ჩემს ანგარიშში დღეს"},
	"Armenian":   {"Չեմ կարողանում մուտք գործել իմ հաշիվ", "Տախտակի արտահանումը շատ դանդաղ է", "Ավելացրեք մուգ ռեժիմ", "Չեմ կարողանում մուտք գործել հաշիվ"},
}

// What the model cannot read is all one to it, so it must not be asked: words
// decide, and unlike texts are unlike in every script.
func TestScriptsTheModelDoesNotKnowAreComparedByWords(t *testing.T) {
	r := NewReader()
	for name, texts := range scripts {
		for _, s := range texts {
			if one(t, r, Text{Text: s}) != nil {
				t.Errorf("%s has a vector: %s", name, s)
			}
		}
		y := newYoung(t, r)
		y.put("first", texts[0])
		if got := y.proposed(texts[1]); got != "" {
			t.Errorf("%s alone: %s is proposed for %s", name, texts[0], texts[1])
		}
		y.put("second", texts[1])
		y.put("english", "I cannot log in to my account", "export is slow")
		y.put("chinese", "登录不了账号", "导出太慢")
		if got := y.proposed(texts[2]); got != "" {
			t.Errorf("%s: %s is proposed for %s", name, got, texts[2])
		}
		if got := y.proposed(texts[3]); got != "first" {
			t.Errorf("%s: %q is proposed for %s", name, got, texts[3])
		}
	}
}

// Latin letters are read whatever the language, and a foreign word among English
// ones does no harm.
func TestLatinScriptsHaveVectors(t *testing.T) {
	r := NewReader()
	for _, s := range []string{"Ich kann mich nicht anmelden", "Không thể đăng nhập vào tài khoản", "Şifremi unuttum", "nie mogę się zalogować", "The word שלום is shown from the wrong side", "登录 error 500", "嘅 app 好慢"} {
		if one(t, r, Text{Text: s}) == nil {
			t.Errorf("no vector: %s", s)
		}
	}
	for _, s := range []string{"㐂㐄㐆㐌", strings.Repeat("ㄱ", 4000), "the שלום עולם הייתה תקלה באפליקציה"} {
		if one(t, r, Text{Text: s}) != nil {
			t.Errorf("a vector of nothing: %.40s", s)
		}
	}
}
