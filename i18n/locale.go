package i18n

import (
	"strings"

	"golang.org/x/text/language"
)

// Locale is one language the product speaks, as a BCP 47 tag ("en", "zh").
type Locale string

// The languages with a complete catalog.
const (
	EN Locale = "en"
	ZH Locale = "zh"
)

// Locales lists every language with a catalog, the fallback first.
func Locales() []Locale { return []Locale{EN, ZH} }

// Tag returns the tag that plural rules and number forms follow.
func (l Locale) Tag() language.Tag {
	if l == ZH {
		return language.Chinese
	}
	return language.English
}

// HTMLLang returns the value of the lang attribute. Chinese copy is written in
// simplified characters, and browsers choose fonts by the region.
func (l Locale) HTMLLang() string {
	if l == ZH {
		return "zh-CN"
	}
	return "en"
}

// Parse reads a locale from a stored value, a cookie or a query parameter. Any
// region or script of a known language is accepted ("zh-TW", "en_GB").
func Parse(s string) (Locale, bool) {
	base, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(strings.TrimSpace(s)), "_", "-"), "-")
	for _, l := range Locales() {
		if base == string(l) {
			return l, true
		}
	}
	return "", false
}

// maxAcceptLanguage bounds what is read of a header any client may send.
const maxAcceptLanguage = 512

// Negotiate picks the locale for an Accept-Language header. The weights of the
// header decide; fallback is used for an empty, malformed or unknown one.
func Negotiate(acceptLanguage string, fallback Locale) Locale {
	if len(acceptLanguage) > maxAcceptLanguage {
		return fallback
	}
	tags, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return fallback
	}
	for _, tag := range tags {
		base, _ := tag.Base()
		if l, ok := Parse(base.String()); ok {
			return l
		}
	}
	return fallback
}
