// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// RateLimit is how many requests of a kind a user may make in a time (Nova's filter "ratelimit", until Mitaka).
type RateLimit struct {
	Verb string // "POST"
	// URI says to people which requests are meant: "*/servers".
	URI string
	// Regex says it to machines: what the path below the version and the project begins with, with its query:
	// "^/servers".
	Regex string
	Value int
	Unit  string // SECOND, MINUTE, HOUR or DAY

	path   *regexp.Regexp
	period time.Duration
}

// mostRequests is more requests of a user than we answer in any second.
const mostRequests = 1_000_000

// periods are the units of rate limits.
var periods = map[string]time.Duration{"SECOND": time.Second, "MINUTE": time.Minute, "HOUR": time.Hour, "DAY": 24 * time.Hour}

// limitedVerbs are the methods that can be limited. Nova takes any word for one, and never limits what is misspelled.
var limitedVerbs = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete}

// defaultRateLimits are Nova's own.
const defaultRateLimits = `(POST, "*", .*, 120, MINUTE); (POST, "*/servers", ^/servers, 120, MINUTE); (PUT, "*", .*, 120, MINUTE);` +
	`(GET, "*changes-since*", .*changes-since.*, 120, MINUTE); (DELETE, "*", .*, 120, MINUTE); (GET, "*/os-fping", ^/os-fping, 12, MINUTE)`

// ParseRateLimits reads limits as the option "limits" of Nova's api-paste.ini has them, "(VERB, URI, REGEX, VALUE, UNIT)"
// with a semicolon between two; "default" are Nova's own, and "" is none.
func ParseRateLimits(text string) ([]RateLimit, error) {
	text = strings.TrimSpace(text)
	switch text {
	case "":
		return nil, nil
	case "default":
		text = defaultRateLimits
	}
	var limits []RateLimit
	for group := range strings.SplitSeq(text, ";") {
		limit, err := parseRateLimit(strings.TrimSpace(group))
		if err != nil {
			return nil, fmt.Errorf("rate limit %q: %w", strings.TrimSpace(group), err)
		}
		limits = append(limits, limit)
	}
	return limits, nil
}

func parseRateLimit(group string) (RateLimit, error) {
	inner, opened := strings.CutPrefix(group, "(")
	inner, closed := strings.CutSuffix(inner, ")")
	if !opened || !closed {
		return RateLimit{}, errors.New("it is not in parentheses")
	}
	parts := strings.Split(inner, ",")
	if len(parts) != 5 {
		return RateLimit{}, errors.New("it is not of a verb, a URI, a regular expression, a value and a unit")
	}
	for n := range parts {
		parts[n] = strings.TrimSpace(parts[n])
	}
	l := RateLimit{
		Verb: strings.ToUpper(parts[0]), URI: strings.Trim(parts[1], `"`), Regex: strings.Trim(parts[2], `"`), Unit: strings.ToUpper(parts[4]),
	}
	if !slices.Contains(limitedVerbs, l.Verb) {
		return RateLimit{}, fmt.Errorf("the verb %q is none of %s", l.Verb, strings.Join(limitedVerbs, ", "))
	}
	var err error
	if l.Value, err = strconv.Atoi(parts[3]); err != nil || l.Value < 1 || l.Value > mostRequests {
		return RateLimit{}, fmt.Errorf("the value %q is no number from 1 to %d", parts[3], mostRequests)
	}
	return l.compiled()
}

// compiled is the limit, ready to be held against requests. Python's match looks at the beginning only.
func (l RateLimit) compiled() (RateLimit, error) {
	var err error
	if l.path, err = regexp.Compile(`^(?:` + l.Regex + `)`); err != nil {
		return RateLimit{}, fmt.Errorf("its regular expression: %w", err)
	}
	if l.period = periods[l.Unit]; l.period == 0 {
		return RateLimit{}, fmt.Errorf("the unit %q is none of SECOND, MINUTE, HOUR, DAY", l.Unit)
	}
	return l, nil
}

// String is the limit as ParseRateLimits reads it.
func (l RateLimit) String() string {
	return fmt.Sprintf(`(%s, "%s", %s, %d, %s)`, l.Verb, l.URI, l.Regex, l.Value, l.Unit)
}

// exceeded is what Nova says of a request too many.
func (l RateLimit) exceeded() string {
	return fmt.Sprintf("Only %d %s request(s) can be made to %s every %s.", l.Value, l.Verb, l.URI, strings.ToLower(l.Unit))
}

// cost is what one request adds to a bucket that holds one period, and that leaks as time passes.
func (l RateLimit) cost() time.Duration { return l.period / time.Duration(l.Value) }

// admit refuses a request too many of its user's: Nova's ratelimit stood behind the check of the token, and before all else.
// On version 2 it is 413, as Nova's documentation of that version says; elsewhere 429, as in Nova's code since Havana.
func (s *Service) admitRate(c *api.Call) error {
	wait, limit := s.rates.take(c.Identity.UserID, c.Request.Method, c.Below(), s.Clock.Now())
	if limit == nil {
		return nil
	}
	code := http.StatusTooManyRequests
	if c.Legacy() {
		code = http.StatusRequestEntityTooLarge
	}
	fault := api.NewFault(code, "This request was rate-limited.").After(wait)
	fault.Details = limit.exceeded()
	return fault
}

// rateView is what the caller has left of the limits, those of one URI together.
func (s *Service) rateView(c *api.Call) []RateLimits {
	views := []RateLimits{}
	for _, left := range s.rates.left(c.Identity.UserID, s.Clock.Now()) {
		at := slices.IndexFunc(views, func(v RateLimits) bool { return v.URI == left.limit.URI && v.Regex == left.limit.Regex })
		if at < 0 {
			at = len(views)
			views = append(views, RateLimits{URI: left.limit.URI, Regex: left.limit.Regex})
		}
		views[at].Limit = append(views[at].Limit, RateLimitView{
			Verb: left.limit.Verb, Value: left.limit.Value, Unit: left.limit.Unit, Remaining: left.remaining, NextAvailable: api.Time{Time: left.next},
		})
	}
	return views
}
