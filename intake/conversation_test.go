package intake_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/heedhq/heed/intake"
)

func TestTheAddressOfAConversationIsRecognised(t *testing.T) {
	for _, c := range []struct{ url, id, source string }{
		{"https://acme.zendesk.com/agent/tickets/8812", "zendesk:8812", ""},
		{"https://acme.zendesk.com/agent/tickets/8812/events?brand=1", "zendesk:8812", ""},
		{"https://acme.zendesk.com/hc/en-us/requests/8812", "zendesk:8812", ""},
		{"https://acme.zendesk.com/hc/requests/8812", "zendesk:8812", ""},
		{"https://app.intercom.com/a/inbox/ab12/inbox/shared/all/conversation/21547?view=List", "intercom:21547", ""},
		{"https://app.eu.intercom.com/a/apps/ab12/conversations/21547", "intercom:21547", ""},
		{"https://acme.freshdesk.com/a/tickets/77", "freshdesk:77", ""},
		{"https://acme.freshdesk.com/helpdesk/tickets/77", "freshdesk:77", ""},
		{"https://acme.atlassian.net/browse/SUP-12", "jira:SUP-12", ""},
		{"https://acme.atlassian.net/servicedesk/customer/portal/3/SUP-12", "jira:SUP-12", ""},
		{"https://acme.atlassian.net/jira/servicedesk/projects/SUP/queues/custom/14/SUP-12", "jira:SUP-12", ""},
		{"https://acme.atlassian.net/jira/software/projects/SUP/boards/1?selectedIssue=SUP-12", "jira:SUP-12", ""},
		{"https://jira.acme.example/browse/SUP-12?focusedId=1", "jira:SUP-12", ""},
		{"https://app.frontapp.com/open/cnv_1a2b3c", "front:cnv_1a2b3c", ""},
		{"https://secure.helpscout.net/conversation/2391938111/1349?folderId=1", "helpscout:2391938111", ""},
		{"https://app.hubspot.com/contacts/123/ticket/456", "hubspot:456", ""},
		{"https://desk.zoho.com/agent/acme/support/tickets/details/403000000123", "zoho:403000000123", ""},
		{"https://acme.lightning.force.com/lightning/r/Case/5003000000D8cuIAAR/view", "salesforce:5003000000D8cuIAAR", ""},
		{"https://app.crisp.chat/website/0e2a/inbox/session_9f3c-11/", "crisp:session_9f3c-11", ""},
		{"https://acme.gorgias.com/app/ticket/991", "gorgias:991", ""},
		{"https://github.com/acme/wallet/issues/482#issuecomment-9", "github:acme/wallet/482", ""},
		{"https://github.com/acme/wallet/discussions/7", "github:acme/wallet/7", ""},
		{"https://gitlab.com/acme/mobile/wallet/-/issues/5", "gitlab:acme/mobile/wallet/5", ""},
		{"https://gitee.com/acme/wallet/issues/I5X2", "gitee:acme/wallet/I5X2", ""},
		{"https://linear.app/acme/issue/SUP-9/slow-export", "linear:SUP-9", ""},
		{"https://project.feishu.cn/wallet/issue/detail/4521", "feishu:4521", ""},
		{"https://acme.feishu.cn/base/bascn1?table=tbl1&record=recA1b2", "feishu:recA1b2", ""},
		{"https://work.weixin.qq.com/kfid/kfc123", "", "wecom"},
		{"https://www.youzan.com/v4/trade/order/detail?orderNo=E20260101", "youzan:E20260101", ""},
		{"https://app.meiqia.com/conversations/5512", "meiqia:5512", ""},
		{"https://acme.meiqia.com/#/inbox/conversation/5512", "meiqia:5512", ""},
		{"https://acme.qiyukf.com/worksheet/detail/31", "qiyu:31", ""},
		{"https://acme.udesk.cn/entry/ticket/list/90", "udesk:90", ""},
		{"https://www.tapd.cn/2001/bugtrace/bugs/view/1120", "tapd:1120", ""},
		{"https://x.com/mei/status/1790001", "x:1790001", ""},
		{"https://twitter.com/mei/status/1790001?s=20", "x:1790001", ""},
		{"https://weibo.com/1699432410/NoZ4abc1", "weibo:NoZ4abc1", ""},
		{"https://m.weibo.cn/status/4912345", "weibo:4912345", ""},
		{"https://t.me/acmewallet/321", "telegram:acmewallet/321", ""},
		{"https://t.me/c/1500/321", "telegram:1500/321", ""},
		{"https://discord.com/channels/1/22/333", "discord:22/333", ""},
		{"https://play.google.com/store/apps/details?id=io.acme&reviewId=gp_AOqp", "googleplay:gp_AOqp", ""},
		// What only looks like one.
		{"https://zendesk.com/agent/tickets/8812", "", "none"},
		{"https://acme.zendesk.com.evil.example/agent/tickets/8812", "", "none"},
		{"https://evilgithub.com/acme/wallet/issues/482", "", "none"},
		{"https://desk.example.com/8812", "", "none"},
		{"https://acme.zendesk.com/agent/dashboard", "", "zendesk"},
		{"https://github.com/acme/wallet", "", "github"},
	} {
		got, ok := intake.ReadConversation(c.url)
		want := c.source
		if want == "" {
			want, _, _ = strings.Cut(c.id, ":")
		} else if want == "none" {
			want = ""
		}
		if !ok || got.ExternalID != c.id || got.Source != want {
			t.Errorf("%s: %+v, want %q %q", c.url, got, want, c.id)
		}
	}
	for _, none := range []string{"", "8812", "acme.zendesk.com/agent/tickets/8812", "javascript:alert(1)", "ftp://acme.zendesk.com/agent/tickets/1", "https://", "https://a b.com/", "see https://acme.zendesk.com/agent/tickets/8812"} {
		if got, ok := intake.ReadConversation(none); ok {
			t.Errorf("%q is an address: %+v", none, got)
		}
	}
}

func TestNothingThatLetsSomebodyInStaysInAnAddress(t *testing.T) {
	for raw, want := range map[string]string{
		"https://acme.zendesk.com/agent/tickets/1?token=abc&view=2":    "https://acme.zendesk.com/agent/tickets/1?view=2",
		"https://a.example/x?access_token=abc":                         "https://a.example/x",
		"https://a.example/x?X-Amz-Signature=abc&q=%E4%B8%AD":          "https://a.example/x?q=%E4%B8%AD",
		"https://user:pass@a.example/x":                                "https://a.example/x",
		"https://a.example/x#access_token=abc&state=1":                 "https://a.example/x#state=1",
		"https://a.example/#/inbox/5?auth=abc&tab=2":                   "https://a.example/#/inbox/5?tab=2",
		"https://a.example/x?utm_source=mail&id=5&apiKey=1&api_key=2":  "https://a.example/x?id=5",
		"https://applink.feishu.cn/client/message/link/open?token=Am1": "https://applink.feishu.cn/client/message/link/open",
		"https://a.example/monkey?monkey=1&turkey=2&keyboard=3":        "https://a.example/monkey?monkey=1&turkey=2&keyboard=3",
	} {
		if got := intake.PlainURL(raw); got != want {
			t.Errorf("%s: %s, want %s", raw, got, want)
		}
	}
}

func FuzzReadConversation(f *testing.F) {
	for _, s := range []string{"https://acme.zendesk.com/agent/tickets/8812?token=a", "https://a.example/#/x?auth=1", "https://u:p@github.com/a/b/issues/1", "https://%zz", "https://a.example/x#a%zz=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, ok := intake.ReadConversation(raw)
		if !ok {
			return
		}
		if again, ok := intake.ReadConversation(got.URL); !ok || again.URL != got.URL || again.ExternalID != got.ExternalID {
			t.Fatalf("%q became %q (%s), which is read as %q (%s)", raw, got.URL, got.ExternalID, again.URL, again.ExternalID)
		}
		u, err := url.Parse(got.URL)
		if err != nil || u.User != nil || u.Query().Has("token") || u.Query().Has("access_token") {
			t.Fatalf("%q became %q", raw, got.URL)
		}
	})
}
