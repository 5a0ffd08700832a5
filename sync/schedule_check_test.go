package issuesync

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/githubstand"
)

var mentions = regexp.MustCompile(`@octo|bob@x|#12`)

// check is what must hold at the end.
func (s *schedule) check() {
	last := s.state
	s.quiet()
	if s.l = s.read(s.l.ID); s.l.State != models.LinkLinked {
		s.t.Fatalf("the link is %s: %s", s.l.State, s.l.LastError)
	}
	var marked []int
	for _, is := range must[[]githubstand.Issue](s.t)(s.stand.ListIssues(s.t.Context(), roadmap)) {
		if s.marked(is.Body) == s.l.ID || strings.HasPrefix(is.Title, s.name+" ") || is.Title == s.name {
			marked = append(marked, is.Number)
		}
	}
	if len(marked) != 1 {
		s.t.Fatalf("there are issues %v", marked)
	}
	s.checkFields(last)
	s.checkSecond(last)
	s.checkSaid()
	for _, r := range s.stand.Writes() {
		if strings.Contains(string(r.Body), "user-agent") || r.Token == s.stand.BotToken && mentions.Match(r.Body) {
			s.t.Fatalf("it wrote %s", r.Body)
		}
	}
	n := len(s.stand.Writes())
	for range 3 {
		s.quiet()
	}
	if more := s.stand.Writes()[n:]; len(more) > 0 {
		s.t.Fatalf("it goes on writing: %s %s", more[0].Method, more[0].Body)
	}
	broken, err := s.db.Check(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, b := range broken {
		if b.Broken > 0 {
			s.t.Fatalf("broken: %s", b.Name)
		}
	}
}

// checkSecond: the issue in the other repository is one, too, and follows staff.
func (s *schedule) checkSecond(last string) {
	if s.second.ID == "" {
		return
	}
	l := s.read(s.second.ID)
	var marked []githubstand.Issue
	for _, is := range must[[]githubstand.Issue](s.t)(s.stand.ListIssues(s.t.Context(), "acme/secret")) {
		if s.marked(is.Body) == l.ID {
			marked = append(marked, is)
		}
	}
	if len(marked) != 1 || l.State != models.LinkLinked {
		s.t.Fatalf("in the other repository there are %d issues; the link is %s: %s", len(marked), l.State, l.LastError)
	}
	var failed int64
	s.db.Read(s.t.Context()).Model(&models.IssueOp{}).Where("link_id = ? AND state = ?", l.ID, models.OpFailed).Count(&failed)
	if th, is := s.themeNow(s.th), marked[0]; last == "here" && failed == 0 && stateOf(is.State, is.StateReason) != wantedState(th.Status) {
		s.t.Fatalf("staff spoke last, and the theme is %s, the other issue %s %s", th.Status, is.State, is.StateReason)
	}
}

// checkSaid: every comment is once on both sides, unless GitHub refused it and a person knows.
func (s *schedule) checkSaid() {
	k := talk{&s.bond}
	here, there := strings.Join(k.here(), "\n")+"\n", strings.Join(k.there(), "\n")+"\n"
	var failed int64
	s.db.Read(s.t.Context()).Model(&models.IssueComment{}).Where("link_id = ? AND state = ?", s.l.ID, models.OpFailed).Count(&failed)
	for text, ours := range s.said {
		h, t := strings.Count(here, text+"\n"), strings.Count(there, text+"\n")
		if h != 1 || t != 1 && !(ours && failed > 0 && t == 0) {
			s.t.Fatalf("%q is %d times here and %d times there", text, h, t)
		}
	}
}

func (s *schedule) checkFields(last string) {
	th, is := s.themeNow(s.th), s.issue()
	var ops []models.IssueOp
	if err := s.db.Read(s.t.Context()).Find(&ops, "link_id = ?", s.l.ID).Error; err != nil {
		s.t.Fatal(err)
	}
	kept := func(field, text string) bool {
		return slices.ContainsFunc(ops, func(op models.IssueOp) bool { return op.Field == field && (op.Was == text || op.Becomes == text) })
	}
	failed := map[string]bool{} // GitHub would not have it, and a person was told
	for _, op := range ops {
		failed[op.Field] = failed[op.Field] || op.State == models.OpFailed
		if op.State == models.OpPlanned || op.State == models.OpSent {
			s.t.Fatalf("a write is open: %+v", op)
		}
	}
	ours, block := s.compose(th, s.l.ID)
	if theirs, _ := s.compose(&models.Theme{PublicTitle: models.Text{EN: is.Title}}, s.l.ID); ours != theirs && !failed[fieldTitle] {
		s.t.Fatalf("the titles are %q and %q", ours, is.Title)
	}
	if s.title != "" && is.Title != s.title && !kept(fieldTitle, s.title) {
		s.t.Fatalf("the title %q was lost: it is %q", s.title, is.Title)
	}
	wants := s.before
	if !s.noBlock {
		wants += "#"
	}
	milestone := ""
	if is.Milestone != nil {
		milestone = is.Milestone.Title
	}
	if !s.sameAim(th.Target, milestone) && !failed[fieldTarget] {
		s.t.Fatalf("the theme is planned for %q, the issue for %q", th.Target, milestone)
	}
	if !s.there && th.Target != s.target {
		s.t.Fatalf("staff planned it for %q, and it is planned for %q", s.target, th.Target)
	}
	if s.aim != "" && !strings.EqualFold(milestone, s.aim) && !kept(fieldTarget, s.aim) {
		s.t.Fatalf("the milestone %q was lost: it is %q", s.aim, milestone)
	}
	if n := s.titled(roadmap, milestone); milestone != "" && n != 1 {
		s.t.Fatalf("there are %d milestones %q", n, milestone)
	}
	found := s.blockIn(is.Body, s.l.ID)
	if outside := strings.Replace(is.Body, found, "#", min(1, len(found))); outside != wants {
		s.t.Fatalf("around the block stands %q, want %q", outside, wants)
	}
	if !s.noBlock && !failed[fieldBlock] && digest(found) != digest(block) {
		s.t.Fatalf("the block is\n%s, want\n%s", found, block)
	}
	others := map[string]bool{}
	for _, l := range is.LabelNames() {
		if len(labelled([]string{l})) == 0 {
			others[l] = true
		}
	}
	if !maps.Equal(others, s.labels) {
		s.t.Fatalf("the labels of others are %v, want %v", others, s.labels)
	}
	if said := s.says(); last == "here" && !failed[fieldState] && !failed[fieldLabel] && (stateOf(is.State, is.StateReason) != wantedState(th.Status) || labelOf(th.Status) != "" && !slices.Contains(is.LabelNames(), labelOf(th.Status))) {
		s.t.Fatalf("staff spoke last, and they say %s", said)
	}
}
