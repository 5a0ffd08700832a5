//go:build unix

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"
)

// The story that several tests play: 200 things that some 120 people say about a
// wallet, on 20 topics. The texts are invented: testdata/topics.json holds three
// wordings of each topic in English and in Chinese, written by hand, and the story
// puts two short leads before some of them to reach ten texts a topic.

const (
	topicCount   = 20
	saidPerTopic = 10
)

// bilingual is a text for people as the API takes it.
type bilingual struct {
	EN string `json:"en"`
	ZH string `json:"zh"`
}

func (b bilingual) in(locale string) string {
	if locale == "zh" {
		return b.ZH
	}
	return b.EN
}

func (b bilingual) other(locale string) string {
	if locale == "zh" {
		return b.EN
	}
	return b.ZH
}

// person is somebody who speaks; Locale is the language they read.
type person struct{ Email, Name, Locale string }

func (p person) body() map[string]any {
	return map[string]any{"email": p.Email, "name": p.Name, "locale": p.Locale}
}

// said is one suggestion of the story.
type said struct {
	n    int // 0 … 199, its mark in the store
	text string
	by   person
	of   *topic
	id   string // once filed
}

// topic is what its suggestions ask for, and the theme they are put into.
type topic struct {
	n        int
	title    bilingual
	said     []*said
	follower person // stands behind the theme without having said anything
	theme    string // once made
}

// people are everyone behind the topic, by address.
func (tp *topic) people() map[string]person {
	all := map[string]person{tp.follower.Email: tp.follower}
	for _, s := range tp.said {
		all[s.by.Email] = s.by
	}
	return all
}

type story struct{ topics []*topic }

func (s *story) said() []*said {
	var all []*said
	for _, tp := range s.topics {
		all = append(all, tp.said...)
	}
	return all
}

func newStory(t *testing.T) *story {
	t.Helper()
	raw, err := os.ReadFile("testdata/topics.json")
	if err != nil {
		t.Fatal(err)
	}
	var script struct {
		Leads  map[string][]string
		Topics []struct {
			Title  bilingual
			EN, ZH []string
		}
	}
	if err := json.Unmarshal(raw, &script); err != nil {
		t.Fatal(err)
	}
	if len(script.Topics) != topicCount {
		t.Fatalf("%d topics, want %d", len(script.Topics), topicCount)
	}
	s := &story{}
	for i, x := range script.Topics {
		tp := &topic{n: i, title: x.Title, follower: person{fmt.Sprintf("follower%02d@example.test", i), fmt.Sprintf("Follower Number%02d", i), []string{"en", "zh"}[i%2]}}
		for j := range saidPerTopic {
			lang, texts := "en", x.EN
			if j%2 == 1 {
				lang, texts = "zh", x.ZH
			}
			text := texts[(j/2)%len(texts)]
			if lead := j/2 - len(texts); lead >= 0 {
				text = script.Leads[lang][lead] + text
			}
			tp.said = append(tp.said, &said{n: i*saidPerTopic + j, text: text, by: speaker(i, j), of: tp})
		}
		s.topics = append(s.topics, tp)
	}
	return s
}

// speaker is who says the j-th text of topic i. People read the language they
// write, but for one in twenty: it is their locale that counts. In each topic the
// same person speaks twice, and many people speak in two topics.
func speaker(i, j int) person {
	if j == 8 {
		j = 0
	}
	n := (i*saidPerTopic + j) % 130
	locale := []string{"en", "zh"}[n%2]
	if n%20 == 9 {
		locale = "en" // writes Chinese, reads English
	}
	name := fmt.Sprintf("%s %s%03d", given[n%len(given)], family[n%len(family)], n)
	if locale == "zh" {
		name = fmt.Sprintf("%s%03d", hanNames[n%len(hanNames)], n)
	}
	return person{Email: fmt.Sprintf("person%03d@example.test", n), Name: name, Locale: locale}
}

var (
	given    = []string{"Maya", "Fred", "Amara", "Jonas", "Priya", "Tomás", "Zoë"}
	family   = []string{"Okafor", "Lindqvist", "Nair", "Weber", "Silva"}
	hanNames = []string{"王小明", "李婷", "陈思远", "赵雨", "周子涵", "吴静"}
)

func TestTheStoryIsWhatItClaims(t *testing.T) {
	s := newStory(t)
	texts, people, locales := map[string]bool{}, map[string]person{}, map[string]int{}
	for _, x := range s.said() {
		texts[x.text] = true
		if before, ok := people[x.by.Email]; ok && before != x.by {
			t.Errorf("%s is two people: %v and %v", x.by.Email, before, x.by)
		}
		people[x.by.Email] = x.by
	}
	for _, p := range people {
		locales[p.Locale]++
	}
	if len(texts) != 200 || len(people) < 110 || len(people) > 130 || locales["en"] < 50 || locales["zh"] < 50 {
		t.Errorf("%d texts by %d people %v, want 200 by about 120, both languages", len(texts), len(people), locales)
	}
}
