// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// limited is a cloud with rate limits, at a time that only the test turns.
func limited(t *testing.T, limits string) (*cloud, *clock.Manual) {
	t.Helper()
	parsed, err := nova.ParseRateLimits(limits)
	if err != nil {
		t.Fatal(err)
	}
	manual := clock.NewManual(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	return start(t, cloudtest.With(func(o *mockcloud.Options) { o.RateLimits, o.Clock = parsed, manual })), manual
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	cloud, manual := limited(t, `(POST, "*/os-keypairs", ^/os-keypairs, 2, MINUTE)`)
	create := func(u *user, mount, name string) *answer {
		body := object{"keypair": object{"name": name}}
		return u.send(t, http.MethodPost, cloud.URL+"/compute"+mount+"/os-keypairs", nil, body)
	}
	for _, name := range []string{"a", "b"} {
		create(cloud.demo, "/v2.1", name).object(t, http.StatusOK)
	}
	over := create(cloud.demo, "/v2.1/"+cloud.demo.project, "c")
	want := object{"overLimit": object{
		"code": 429.0, "message": "This request was rate-limited.", "retryAfter": "30",
		"details": "Only 2 POST request(s) can be made to */os-keypairs every minute.",
	}}
	if got := over.object(t, http.StatusTooManyRequests); !reflect.DeepEqual(got, want) || over.header.Get("Retry-After") != "30" {
		t.Errorf("answered %v, Retry-After %q", got, over.header.Get("Retry-After"))
	}
	want["overLimit"].(object)["code"] = 413.0
	if got := create(cloud.demo, "/v2", "c").object(t, http.StatusRequestEntityTooLarge); !reflect.DeepEqual(got, want) {
		t.Errorf("version 2 answered %v", got)
	}
	create(cloud.admin, "/v2.1", "a").object(t, http.StatusOK) // who has limits of his own
	cloud.demo.nova(t, 1, http.MethodGet, "/os-keypairs", nil).object(t, http.StatusOK)
	manual.Advance(30*time.Second - 1)
	create(cloud.demo, "/v2.1", "c").object(t, http.StatusTooManyRequests)
	manual.Advance(1)
	create(cloud.demo, "/v2.1", "c").object(t, http.StatusOK)
	create(cloud.demo, "/v2.1", "d").object(t, http.StatusTooManyRequests)
	manual.Advance(20 * time.Minute)
	for _, name := range []string{"d", "e"} {
		create(cloud.demo, "/v2.1", name).object(t, http.StatusOK)
	}
	create(cloud.demo, "/v2.1", "f").object(t, http.StatusTooManyRequests)
}

// What nobody has a token for is refused as that, and takes nothing of anybody's.
func TestRateLimitIsBehindTheToken(t *testing.T) {
	t.Parallel()
	cloud, _ := limited(t, "(GET, *, .*, 1, DAY)")
	stranger := &user{cloud: cloud}
	for range 2 {
		stranger.nova(t, 1, http.MethodGet, "/flavors", nil).object(t, http.StatusUnauthorized)
	}
	cloud.demo.nova(t, 1, http.MethodGet, "/nowhere", nil).object(t, http.StatusNotFound)
	over := cloud.demo.nova(t, 1, http.MethodGet, "/nowhere", nil)
	if over.object(t, http.StatusTooManyRequests); over.header.Get("Retry-After") != "86400" {
		t.Errorf("Retry-After %q", over.header.Get("Retry-After"))
	}
}

// rates are the rate limits that the caller is shown.
func rates(t *testing.T, u *user) any {
	t.Helper()
	return u.nova(t, 1, http.MethodGet, "/limits", nil).object(t, http.StatusOK)["limits"].(object)["rate"]
}

// A user is shown what he has left at that moment.
func TestRateLimitsAreShown(t *testing.T) {
	t.Parallel()
	cloud, manual := limited(t, "default")
	rate := func(uri, regex string, limits ...any) object {
		return object{"uri": uri, "regex": regex, "limit": limits}
	}
	left := func(verb string, value, remaining float64, next string) object {
		return object{"verb": verb, "value": value, "remaining": remaining, "unit": "MINUTE", "next-available": next}
	}
	shown := func(post, servers float64, next string, now string) []any {
		return []any{
			rate("*", ".*", left("POST", 120, post, next), left("PUT", 120, 120, now), left("DELETE", 120, 120, now)),
			rate("*/servers", "^/servers", left("POST", 120, servers, next)),
			rate("*changes-since*", ".*changes-since.*", left("GET", 120, 119, now)),
			rate("*/os-fping", "^/os-fping", left("GET", 12, 12, now)),
		}
	}
	cloud.demo.nova(t, 1, http.MethodGet, "/servers?changes-since=2026-01-01", nil).object(t, http.StatusOK)
	for range 120 {
		cloud.demo.nova(t, 1, http.MethodPost, "/servers", object{}).object(t, http.StatusBadRequest)
	}
	cloud.demo.nova(t, 1, http.MethodPost, "/os-keypairs", object{}).object(t, http.StatusTooManyRequests)
	if got, want := rates(t, cloud.demo), shown(0, 0, "2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"); !reflect.DeepEqual(got, any(want)) {
		t.Errorf("answered %v\n    want %v", got, want)
	}
	manual.Advance(2 * time.Second)
	cloud.demo.nova(t, 1, http.MethodPost, "/os-keypairs", object{}).object(t, http.StatusBadRequest)
	got, later := rates(t, cloud.demo), shown(3, 4, "2026-01-02T03:04:07Z", "2026-01-02T03:04:07Z")
	later[2].(object)["limit"].([]any)[0].(object)["remaining"] = 120.0 // it has leaked since
	if !reflect.DeepEqual(got, any(later)) {
		t.Errorf("answered %v\n    want %v", got, later)
	}
	if plain := rates(t, start(t).demo); !reflect.DeepEqual(plain, any([]any{})) {
		t.Errorf("a cloud without rate limits shows %v", plain)
	}
}

func TestParseRateLimits(t *testing.T) {
	t.Parallel()
	for text, wrong := range map[string]string{
		"":          "",
		" default ": "",
		"(get, *, .*, 1, second);(PUT,*,a,2,Day)": "",
		"GET, *, .*, 1, SECOND":                   "it is not in parentheses",
		"(GET, *, .*, 1, SECOND);":                `rate limit "": it is not in parentheses`,
		"(GET, *, 1, SECOND)":                     "it is not of a verb, a URI, a regular expression, a value and a unit",
		"(POTS, *, .*, 1, SECOND)":                `the verb "POTS" is none of GET, HEAD, POST, PUT, DELETE`,
		"(GET, *, .*, 0, SECOND)":                 `the value "0" is no number from 1`,
		"(GET, *, .*, many, SECOND)":              `the value "many" is no number from 1`,
		"(GET, *, .*, 1000001, SECOND)":           "is no number from 1 to 1000000",
		"(GET, *, *., 1, SECOND)":                 "its regular expression: ",
		"(GET, *, .*, 1, WEEK)":                   `the unit "WEEK" is none of SECOND, MINUTE, HOUR, DAY`,
	} {
		limits, err := nova.ParseRateLimits(text)
		if wrong != "" {
			if err == nil || !strings.Contains(err.Error(), wrong) {
				t.Errorf("%q: %v", text, err)
			}
			continue
		}
		var spelled []string
		for _, limit := range limits {
			spelled = append(spelled, limit.String())
		}
		again, failure := nova.ParseRateLimits(strings.Join(spelled, "; "))
		if err != nil || failure != nil || !reflect.DeepEqual(again, limits) {
			t.Errorf("%q: %v, %v: %v", text, limits, err, failure)
		}
	}
}
