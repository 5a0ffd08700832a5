//go:build unix

package githubstand

// answersThatDiffer are the kinds of answer that are not valid by GitHub's description,
// with what they lack.
var answersThatDiffer = map[string]string{
	"GET /app 200":                                               "the owner lacks most of his addresses",
	"GET /repos/{owner}/{repo} 200":                              "the owner lacks most of his addresses",
	"GET /installation/repositories 200":                         "the owners lack most of their addresses",
	"POST /app-manifests/{code}/conversions 201":                 "the owner lacks most of his addresses",
	"PATCH /repos/{owner}/{repo} 200":                            "the owner lacks most of his addresses",
	"GET /repos/{owner}/{repo}/installation 200":                 "the account lacks most of its addresses, and there is no target_id",
	"GET /repos/{owner}/{repo}/issues/{issue_number}/events 200": "the events do not say through which App they came, if any",
	"GET /search/issues 200":                                     "what is found has no score, and the way of searching is not told",
}
