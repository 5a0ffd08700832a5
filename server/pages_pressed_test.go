package server_test

import (
	"net/http"
	"strings"
	"testing"
)

// Who is nobody known and presses the button of a refused form again and again alerts the
// team once; what they say of another danger, and what another browser says, is its own.
func TestARefusedFormPressedAgainAlertsOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("many doors, one visitor at each")
	}
	const other = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
	long := strings.Repeat("long ", 3000)
	for door, send := range map[string]func(s *street, b *browser, words string){
		"suggest": func(s *street, b *browser, words string) {
			b.post("/suggest", "title", strings.Repeat("x", 300), "text", words, "confirmed", "1", "email", "dora@example.com").want(http.StatusUnprocessableEntity).says("Our team has been alerted")
		},
		"thread of another": func(s *street, b *browser, words string) {
			f := must(s.intake.ByReceipt(ctx, s.receipt))(s.t)
			b.post("/s/"+f.Suggestion.ID, "text", words+". "+long).to("/suggest/thanks")
		},
		"comment": func(s *street, b *browser, words string) {
			b.post("/t/"+s.public.ID+"/comments", "text", words).to("/suggest/thanks")
		},
	} {
		for danger, words := range map[string]string{"phrase": "Mine is " + lostPhrase, "stolen": "My wallet was drained"} {
			t.Run(door+"/"+danger, func(t *testing.T) {
				s := newStreet(t)
				b := s.visitor()
				for range 4 {
					send(s, b, words)
				}
				if n := s.emergencies(); n != 1 {
					t.Fatalf("pressed four times: %d emergencies", n)
				}
				if danger == "phrase" {
					send(s, b, "Mine is "+other)
				} else {
					send(s, b, "Somebody stole my coins from my wallet")
				}
				if n := s.emergencies(); n != 2 {
					t.Errorf("another danger: %d emergencies", n)
				}
				send(s, s.visitor(), words)
				if n := s.emergencies(); n != 3 {
					t.Errorf("another browser: %d emergencies", n)
				}
			})
		}
	}
}

// A cookie that is not of ours opens nobody's emergency.
func TestAForgedCookieIsLetIntoNoEmergency(t *testing.T) {
	s := newStreet(t)
	b := s.visitor()
	form := []string{"title", strings.Repeat("x", 300), "text", "Mine is " + lostPhrase, "confirmed", "1"}
	b.post("/suggest", form...).want(http.StatusUnprocessableEntity)
	good := b.cookies["heed_kept"]
	if good == "" || strings.Contains(good, "winner") {
		t.Fatalf("%q", good)
	}
	for i, forged := range []string{good + "x", strings.Replace(good, ".", ".9", 1), strings.SplitN(good, ".", 2)[0], "sug_1.99999999999."} {
		v := s.visitor()
		v.cookies["heed_kept"] = forged
		v.post("/suggest", form...).want(http.StatusUnprocessableEntity)
		if n := s.emergencies(); n != int64(i)+2 {
			t.Errorf("%q: %d emergencies", forged, n)
		}
	}
}
