// SPDX-License-Identifier: MPL-2.0

package api

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// items are the rules for the members of a list or map.
func (r *rules) items() *rules {
	return &rules{
		oneOf: r.oneOf, format: r.format, pattern: r.pattern,
		hasLength: r.hasItem, least: r.itemLow, most: r.itemTop,
		low: r.low, high: r.high, hasLow: r.hasLow, hasHigh: r.hasHigh,
	}
}

func (r *rules) length(v any, n int) *invalid {
	switch {
	case !r.hasLength:
		return nil
	case n < r.least:
		if _, object := v.(map[string]any); object {
			return wrong(v, "%s does not have enough properties", Repr(v))
		}
		return wrong(v, "%s is too short", Repr(v))
	case n > r.most:
		if _, object := v.(map[string]any); object {
			return wrong(v, "%s has too many properties", Repr(v))
		}
		return wrong(v, "%s is too long", Repr(v))
	}
	return nil
}

// text checks a string.
func (r *rules) text(p *planner, s string) *invalid {
	if err := r.length(s, utf8.RuneCountInString(s)); err != nil {
		return err
	}
	if r.oneOf != nil && !slices.Contains(r.oneOf, s) {
		return wrong(s, "%s is not one of %s", Repr(s), Repr(anys(r.oneOf)))
	}
	if r.pattern != nil && !r.pattern.MatchString(s) {
		return wrong(s, "%s does not match %s", Repr(s), Repr(r.pattern.String()))
	}
	if r.format == "" {
		return nil
	}
	check := formats[r.format]
	if own := p.formats[r.format]; own != nil {
		check = own
	}
	if message := check(s); message != "" {
		return wrong(s, "%s", message)
	}
	return nil
}

// number checks a value of an integer kind; other kinds have no range.
func (r *rules) number(v any, into reflect.Value) *invalid {
	if !into.CanInt() {
		return nil
	}
	switch n := into.Int(); {
	case r.hasLow && n < r.low:
		return wrong(v, "%s is less than the minimum of %d", str(v), r.low)
	case r.hasHigh && n > r.high:
		return wrong(v, "%s is greater than the maximum of %d", str(v), r.high)
	}
	return nil
}

// formats are the named formats that every service has: each says what is wrong with a string, or "".
var formats = map[string]func(string) string{
	"uuid":   is("uuid", func(s string) bool { return uuid.Validate(s) == nil && !strings.ContainsAny(s, "{}:") }),
	"ipv4":   is("ipv4", func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is4() }),
	"ipv6":   is("ipv6", func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is6() && a.Zone() == "" }),
	"ip":     is("ip", func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Zone() == "" }),
	"cidr":   is("cidr", func(s string) bool { _, err := netip.ParsePrefix(s); return err == nil }),
	"mac":    is("mac", func(s string) bool { m, err := net.ParseMAC(s); return err == nil && len(m) == 6 }),
	"uri":    is("uri", func(s string) bool { u, err := url.Parse(s); return err == nil && u.Scheme != "" && u.Host != "" }),
	"base64": is("base64", func(s string) bool { _, err := DecodeBase64(s); return err == nil }),
	"regex":  is("regex", func(s string) bool { _, err := regexp.Compile(s); return err == nil && s != "" }),
	"date-time": is("date-time", func(s string) bool {
		_, err := ParseTime(s)
		return err == nil
	}),
}

func is(name string, ok func(string) bool) func(string) string {
	return func(s string) string {
		if ok(s) {
			return ""
		}
		return fmt.Sprintf("%s is not a '%s'", Repr(s), name)
	}
}

// DecodeBase64 decodes as OpenStack does: what is not of the alphabet is passed over.
func DecodeBase64(text string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '+' || r == '/' || r == '=' {
			return r
		}
		return -1
	}, text))
}

// ParseTime reads the spellings of ISO 8601 that OpenStack takes; without a zone it is UTC.
func ParseTime(text string) (time.Time, error) {
	var err error
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04", "2006-01-02",
		"2006-01-02T15:04:05.999999999-0700"} {
		var t time.Time
		if t, err = time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, err
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// str is how OpenStack's messages quote a value that stands by itself.
func str(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return Repr(v)
}

// Repr is how OpenStack's messages spell a value inside a sentence: as Python does.
func Repr(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case json.Number:
		return v.String()
	case string:
		quote := "'"
		if strings.Contains(v, "'") && !strings.Contains(v, `"`) {
			quote = `"`
		} else {
			v = strings.ReplaceAll(strings.ReplaceAll(v, `\`, `\\`), "'", `\'`)
		}
		return quote + strings.NewReplacer("\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(v) + quote
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = Repr(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case map[string]any:
		items := make([]string, 0, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			items = append(items, Repr(key)+": "+Repr(v[key]))
		}
		return "{" + strings.Join(items, ", ") + "}"
	default:
		return fmt.Sprint(v)
	}
}
