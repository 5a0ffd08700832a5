package console

import (
	"maps"

	"github.com/labstack/echo/v4"
)

// reads are the console's pages and parts of pages, by their path.
func (c *Console) reads() map[string]echo.HandlerFunc {
	return map[string]echo.HandlerFunc{
		"/inbox":                      c.inbox,
		"/inbox/themes":               c.themeOptions,
		"/inbox/:id":                  c.reading,
		"/inbox/:id/pane":             c.pane,
		"/suggestions":                c.threads,
		"/suggestions/:id":            c.suggestion,
		"/themes":                     c.themeList,
		"/themes/:id":                 c.theme,
		"/themes/:id/consequence":     c.consequence,
		"/themes/:id/merge":           c.mergeChoices,
		"/proposals":                  c.proposals,
		"/promises":                   c.promises,
		"/settings/tokens":            c.tokens,
		"/settings/webhooks":          c.webhooks,
		"/settings/webhooks/:id":      c.webhook,
		"/emergencies":                c.emergencies,
		"/capture":                    c.capture,
		"/capture/similar":            c.captureSimilar,
		"/capture/source":             c.captureSource,
		"/capture/people":             c.capturePeople,
		"/capture/people/:id":         c.capturePerson,
		"/capture/recent":             c.captureRecent,
		"/outcomes":                   c.outcomes,
		"/releases":                   c.releases,
		"/comments":                   c.moderation,
		"/followups":                  c.followUps,
		"/followups/bounces":          c.bounces,
		"/github":                     c.gitHub,
		"/github/setup":               c.gitHubSetup,
		"/github/setup/made":          c.gitHubMade,
		"/settings/mail":              c.mailSetup,
		"/themes/:id/mail":            c.mailPreview,
		"/themes/:id/mail/html":       c.mailDocument,
		"/tell-by-hand":               c.byHand,
		"/people":                     c.people,
		"/people/:id":                 c.person,
		"/accounts":                   c.accounts,
		"/quality":                    c.quality,
		"/quality.csv":                c.qualityCSV,
		"/clocks":                     c.clocks,
		"/clocks.csv":                 c.clocksCSV,
		"/settings/routing":           c.routing,
		"/settings/routing/rules/new": c.newRule,
		"/settings/routing/rules/:id": c.oneRule,
	}
}

// writes are what the console's forms do, by the path that they are sent to.
func (c *Console) writes() map[string]echo.HandlerFunc {
	all := c.decisions()
	maps.Copy(all, c.housekeeping())
	return all
}

// decisions are what is done about suggestions and themes.
func (c *Console) decisions() map[string]echo.HandlerFunc {
	return map[string]echo.HandlerFunc{
		"/inbox/assign":                   c.assign,
		"/inbox/asks":                     c.assignAsks,
		"/inbox/close":                    c.close,
		"/inbox/confirm":                  c.confirm,
		"/inbox/different":                c.different,
		"/inbox/:id/route":                c.reroute,
		"/activities/:id/undo":            c.undo,
		"/activities/:id/recall":          c.recallActivity,
		"/suggestions/:id/replies":        c.reply,
		"/suggestions/:id/state":          c.setState,
		"/suggestions/:id/attachments":    c.addFiles,
		"/themes/:id/status":              c.setStatus,
		"/themes/:id/texts":               c.setTexts,
		"/themes/:id/mail":                c.sendPreview,
		"/settings/mail/test":             c.testMail,
		"/themes/:id/promise":             c.sendPromise,
		"/promises":                       c.setPromises,
		"/promises/mail":                  c.mailDigest,
		"/themes/:id/updates":             c.writeUpdate,
		"/themes/:id/comments":            c.comment,
		"/comments/:id":                   c.moderate,
		"/releases":                       c.shipRelease,
		"/themes/:id/split":               c.split,
		"/themes/:id/merge":               c.merge,
		"/themes/:id/issues":              c.addIssue,
		"/themes/:id/issues/:link/repair": c.repairIssue,
		"/themes/:id/issues/:link/unlink": c.unlinkIssue,
		"/proposals/:id/accept":           c.acceptProposal,
		"/proposals/:id/dismiss":          c.dismissProposal,
		"/proposals/agents/:id/accept":    c.acceptWord,
		"/proposals/agents/:id/dismiss":   c.dismissWord,
	}
}

// housekeeping is what is done about everything else: tokens, people, rules, mail.
func (c *Console) housekeeping() map[string]echo.HandlerFunc {
	return map[string]echo.HandlerFunc{
		"/settings/tokens":                   c.makeToken,
		"/settings/tokens/:id/revoke":        c.revokeToken,
		"/emergencies/acknowledge":           c.acknowledge,
		"/emergencies/hand-over":             c.handOver,
		"/capture":                           c.file,
		"/capture/:id/withdraw":              c.withdraw,
		"/outcomes/seen":                     c.seeOutcomes,
		"/outcomes/mail":                     c.mailOutcomes,
		"/tell-by-hand":                      c.toldByHand,
		"/people/:id":                        c.editPerson,
		"/people/:id/addresses":              c.addAddress,
		"/people/:id/addresses/remove":       c.removeAddress,
		"/people/:id/preferences":            c.saveWishes,
		"/people/:id/merge":                  c.mergePerson,
		"/accounts":                          c.saveAccount,
		"/accounts/:id/delete":               c.deleteAccount,
		"/segments":                          c.setSegment,
		"/segments/delete":                   c.deleteSegment,
		"/clocks":                            c.saveClocks,
		"/settings/routing/try":              c.tryRules,
		"/settings/routing/apply":            c.applyRules,
		"/settings/routing/replay":           c.replayRule,
		"/settings/routing/rules":            c.saveRule,
		"/settings/routing/rules/:id/move":   c.moveRule,
		"/settings/routing/rules/:id/switch": c.switchRule,
		"/settings/routing/rules/:id/delete": c.deleteRule,
		"/settings/teams":                    c.saveTeam,
		"/settings/teams/:key/delete":        c.deleteTeam,
		"/deliveries/:id/retry":              c.retryDelivery,
		"/deliveries/:id/cancel":             c.cancelDelivery,
		"/followups/:event/recall":           c.recall,
		"/github/agree":                      c.agreeRepository,
		"/github/visit":                      c.visitGitHub,
		"/releases/drafts/:id/dismiss":       c.dismissDraft,
		"/github/backfill":                   c.beginBackfill,
		"/github/backfill/cancel":            c.cancelBackfill,
	}
}
