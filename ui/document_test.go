package ui_test

import (
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/heedhq/heed/i18n"
)

// A key that reached the page instead of its sentence looks like "inbox.empty".
var bareKey = regexp.MustCompile(`^[a-z_]+(\.[a-z_0-9]+)+$`)

func checkDocument(t *testing.T, doc *html.Node, l i18n.Locale) {
	t.Helper()
	level, firsts := 0, 0
	ids := map[string]bool{}
	labels := map[string]bool{}
	var controls []string
	for n := range doc.Descendants() {
		switch n.Type {
		case html.TextNode:
			if text := strings.TrimSpace(n.Data); bareKey.MatchString(text) && inSentence(n) {
				t.Errorf("missing sentence: %q", text)
			}
			if strings.Contains(n.Data, "%!") {
				t.Errorf("badly filled sentence: %q", n.Data)
			}
		case html.ElementNode:
			checkAttributes(t, n, ids)
			switch n.Data {
			case "html":
				if got := attr(n, "lang"); got != l.HTMLLang() {
					t.Errorf("lang is %q, want %q", got, l.HTMLLang())
				}
			case "style":
				t.Error("inline style element")
			case "script":
				if attr(n, "src") == "" {
					t.Error("inline script")
				}
			case "label":
				labels[attr(n, "for")] = true
			case "input", "textarea", "select":
				if id := attr(n, "id"); id != "" && attr(n, "aria-label") == "" {
					controls = append(controls, id)
				} else if attr(n, "aria-label") == "" && attr(n, "type") != "hidden" && !within(n, "label") {
					t.Errorf("a control named %q has no label", attr(n, "name"))
				}
			case "h1", "h2", "h3", "h4":
				if within(n, "dialog") {
					break
				}
				next := int(n.Data[1] - '0')
				if next > level+1 {
					t.Errorf("heading %s follows level %d: %s", n.Data, level, text(n))
				}
				if level = next; next == 1 {
					firsts++
				}
				if strings.TrimSpace(text(n)) == "" {
					t.Errorf("empty %s", n.Data)
				}
			case "button", "a":
				if strings.TrimSpace(text(n)) == "" && attr(n, "aria-label") == "" && attr(n, "title") == "" {
					t.Errorf("a %s without a name", n.Data)
				}
			}
		}
	}
	if firsts != 1 {
		t.Errorf("%d first-level headings, want 1", firsts)
	}
	for _, id := range controls {
		if !labels[id] {
			t.Errorf("control %q has no label", id)
		}
	}
}

func checkAttributes(t *testing.T, n *html.Node, ids map[string]bool) {
	t.Helper()
	for _, a := range n.Attr {
		if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") {
			t.Errorf("<%s %s=%q> is refused by the content security policy", n.Data, a.Key, a.Val)
		}
		if strings.Contains(a.Val, "%!") || strings.Contains(a.Val, "ZgotmplZ") {
			t.Errorf("<%s %s=%q> is badly filled", n.Data, a.Key, a.Val)
		}
		switch a.Key {
		case "aria-label", "title", "placeholder":
			if bareKey.MatchString(a.Val) {
				t.Errorf("missing sentence in %s: %q", a.Key, a.Val)
			}
		case "id":
			if ids[a.Val] {
				t.Errorf("id %q stands twice", a.Val)
			}
			ids[a.Val] = true
		case "hx-vals", "hx-trigger", "hx-confirm":
			if strings.Contains(a.Val, "js:") || strings.Contains(a.Val, "[") {
				t.Errorf("%s=%q needs eval", a.Key, a.Val)
			}
		}
	}
	if n.Data == "form" && attr(n, "method") == "" && within(n, "main") && !within(n, "dialog") && attr(n, "class") != "card" {
		t.Error("a form without a method")
	}
	if n.Data == "form" && attr(n, "hx-post") != "" && attr(n, "hx-post") != attr(n, "action") {
		t.Errorf("form posts to %q with script and to %q without", attr(n, "hx-post"), attr(n, "action"))
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func within(n *html.Node, tag string) bool {
	for p := range n.Ancestors() {
		if p.Type == html.ElementNode && p.Data == tag {
			return true
		}
	}
	return false
}

// inSentence leaves out what people and machines wrote: names, codes, logs.
func inSentence(n *html.Node) bool {
	return !within(n, "dl") && !within(n, "pre") && !within(n, "code") && !within(n, "title")
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}
