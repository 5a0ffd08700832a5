package themes_test

import (
	"slices"
	"testing"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/dedup/meaning"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/themes"
)

// With the built-in model, what shares no word is still one theme, and the asks
// of a message are told apart in both languages.
func TestProposalsAndAsksWithTheBuiltInModel(t *testing.T) {
	if testing.Short() {
		t.Skip("reads some sixty texts")
	}
	h := newHouseOf(t, modelstest.Open(t, modelstest.SQLiteURL(t), nil), themes.Options{Meaning: meaning.NewReader()})
	a, b, dark, mixed := h.theme("Exports"), h.theme("Spreadsheets"), h.theme("Dark mode"), h.theme("Everything")
	h.into(a, "Exporting my board takes several minutes", "The export is really slow for large boards", "Export of big boards is too slow", "It takes forever to export a board", "导出大型看板太慢了", "看板导出要等好几分钟")
	h.into(b, "Exporting boards is slow", "Board export takes ages", "Why does exporting a board take so long", "导出看板很慢")
	h.into(dark, "Please add a dark mode", "A dark theme for the night would be nice", "The white screen hurts my eyes at night, dark mode please", "希望增加夜间模式", "什么时候有深色模式", "晚上白屏太刺眼，需要深色模式")
	h.into(mixed, "Swap fees are too high", "Why do I pay such a high fee for a swap", "The fee of a swap is far too high", "手续费太高了", "兑换的手续费太贵")
	moving := h.into(mixed, "Let me log in with my fingerprint", "Fingerprint login please", "Can you support fingerprint unlock", "希望支持指纹登录")
	h.encoded()
	h.look()
	ps := h.proposals()
	merged, parted := false, false
	for _, p := range ps {
		switch {
		case p.Kind == models.ProposeMerge && p.ThemeID == b && p.OtherID == a:
			merged = true
		case p.Kind == models.ProposeSplit && p.ThemeID == mixed:
			got := slices.Clone(p.Items.V.Move)
			slices.Sort(got)
			parted = slices.Equal(got, moving)
		default:
			t.Errorf("also proposed: %s", told([]themes.Proposed{p}))
		}
	}
	if !merged || !parted {
		t.Errorf("proposed: %s", told(ps))
	}
	for text, goals := range map[string][]string{
		"Exporting a big board is so slow. Also, could you add a dark theme? My eyes hurt at night.": {a, dark},
		"导出看板实在太慢，另外什么时候能有深色模式？":                                                                     {a, dark},
		"1. let me unlock with my fingerprint\n2. a dark mode for the evening":                       {mixed, dark},
	} {
		s := h.file(text, "").Suggestion
		got := []string{}
		for _, ask := range s.Asks.V {
			if len(ask.Candidates) > 0 {
				got = append(got, ask.Candidates[0].Theme)
			}
		}
		if got[0] == b {
			got[0] = a // the same, for now
		}
		if !slices.Equal(got, goals) {
			t.Errorf("%q: %q %+v", text, spans(s), s.Asks.V)
		}
	}
	for _, text := range []string{"Exporting a board takes far too long. I waited for ten minutes and then gave up on it.", "深色模式什么时候上线？晚上用的时候屏幕太亮了，眼睛很累。", "Dark mode please.\nThe white background is too bright for me in bed."} {
		if s := h.file(text, "").Suggestion; len(s.Asks.V) > 0 {
			t.Errorf("%q was parted: %q", text, spans(s))
		}
	}
}

// A theme is found by what its published text means, in the other language too.
func TestAPublishedTextIsFoundByWhatItMeans(t *testing.T) {
	h := newHouseOf(t, modelstest.Open(t, modelstest.SQLiteURL(t), nil), themes.Options{Meaning: meaning.NewReader()})
	yes := true
	for title, text := range map[string]string{"Faster exports": "Exporting big boards should take seconds, not minutes.", "Dark mode": "A dark theme that is easy on the eyes at night.", "Lower fees": "Swaps should cost less."} {
		th, err := h.th.Create(ctx, pm, themes.Draft{Title: &title, PublicText: &models.Text{EN: text}})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := h.th.Confirm(ctx, pm, th.ID, models.Text{EN: title}, &yes); err != nil {
			t.Fatal(err)
		}
	}
	h.encoded()
	for text, want := range map[string]string{"导出大型看板太慢了": "Faster exports", "希望有夜间模式，晚上太刺眼": "Dark mode", "it hurts my eyes in bed": "Dark mode"} {
		found, err := h.th.Similar(ctx, auth.Anonymous(), text, 3)
		if err != nil || len(found) == 0 || found[0].Title != want || !found[0].Own {
			t.Errorf("%s: %+v (%v)", text, found, err)
		}
	}
	if found, err := h.th.Similar(ctx, auth.Anonymous(), "Where can I buy a train to Lisbon", 3); err != nil || slices.ContainsFunc(found, func(f themes.Found) bool { return f.Own }) {
		t.Errorf("unlike all: %+v (%v)", found, err)
	}
}

// A theme's own text is read in each language by itself: whichever of the two
// somebody writes, a theme with a title in the other, or in both, is found by what
// it means, also where people's private words are nearer.
func TestAPublicThemeIsFoundFromTheOtherLanguage(t *testing.T) {
	h := newHouseOf(t, modelstest.Open(t, modelstest.SQLiteURL(t), nil), themes.Options{Meaning: meaning.NewReader()})
	ids := map[string]string{}
	for name, title := range map[string]models.Text{
		"fees": {EN: "Lower swap fees", ZH: "降低兑换手续费"}, "dark": {EN: "Dark mode", ZH: "深色模式"}, "export": {EN: "Faster exports of big boards"},
		"pin": {ZH: "忘记密码后重置"}, "photos": {EN: "Uploading photos", ZH: "上传图片"}, "offline": {EN: "Work without internet", ZH: "没有网络时也能使用"},
	} {
		yes := true
		th, err := h.th.Create(ctx, pm, themes.Draft{Title: &name})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := h.th.Confirm(ctx, pm, th.ID, title, &yes); err != nil {
			t.Fatal(err)
		}
		ids[name] = th.ID
	}
	h.into(ids["fees"], "why do I pay so much for swapping", "a swap costs too much")
	h.encoded()
	look := func(text string) map[string]bool {
		own := map[string]bool{}
		found, err := h.th.Similar(ctx, auth.Anonymous(), text, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			for name, id := range ids {
				if f.Theme == id && f.Own {
					own[name] = true
				}
			}
		}
		return own
	}
	for text, want := range map[string]string{
		"换币的费用太高": "fees", "swapping is expensive, lower the fees": "fees", "导出看板太慢": "export", "how do I reset my password": "pin",
		"晚上用太亮了，要夜间模式": "dark", "night theme": "dark", "照片上传": "photos", "飞机上没有网络也想用": "offline", "use it without a network": "offline",
	} {
		if own := look(text); !own[want] {
			t.Errorf("%q: shown for themselves: %v, want %s", text, own, want)
		}
	}
	for _, text := range []string{"Where can I buy a ticket to Lisbon", "我想买一张去上海的火车票"} {
		if own := look(text); len(own) > 0 {
			t.Errorf("%q: shown for themselves: %v, want none", text, own)
		}
	}
	title := models.Text{EN: "Dark mode"} // the Chinese one is taken back
	th, err := h.th.Get(ctx, pm, ids["dark"])
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.th.Edit(ctx, pm, ids["dark"], th.Rev, themes.Draft{PublicTitle: &title}); err != nil {
		t.Fatal(err)
	}
	h.encoded()
	if n := h.ownVectors(ids["dark"]); n != 1 {
		t.Errorf("%d vectors of a theme with one title", n)
	}
}

// vectors counts those of a theme's own texts.
func (h *house) ownVectors(theme string) (n int64) {
	h.db.Read(ctx).Model(&models.Vector{}).Where("item_id LIKE ?", theme+"%").Count(&n)
	return n
}

// encoded waits until every text has its vector and the index knows it.
func (h *house) encoded() {
	for h.indexed(); h.th.Encoding() > 0; h.indexed() {
	}
	h.indexed()
}
