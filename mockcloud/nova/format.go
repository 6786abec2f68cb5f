// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"net/netip"
	"regexp"
	"strings"
	"unicode"
)

// formats are the named formats of Nova's schemas: each says what is wrong with a string, or "".
func formats() map[string]func(string) string {
	return map[string]func(string) string{
		"name":         displayName,
		"description":  matches(func(s string) bool { return strings.IndexFunc(s, notDescription) < 0 }, "^[ -~\\u00a0-...]*$"),
		"keypair-old":  both(displayName, pattern(`^[_\- a-zA-Z0-9]+$`)),
		"keypair-new":  both(displayName, pattern(`^[_\-@. a-zA-Z0-9]+$`)),
		"ipv4-or-none": ipOrNone("ipv4"),
		"ipv6-or-none": ipOrNone("ipv6"),
		"uuid-or-none": func(s string) string {
			if s == "" || isUUID(s) {
				return ""
			}
			return quoted(s) + " is not a 'uuid'"
		},
		"hostname": pattern(`^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$`),
		"fqdn":     pattern(`^[a-zA-Z0-9-._]*$`),
		"tag":      pattern(`^[^,/]*$`),
	}
}

// displayName is Nova's rule for names: something printable, and no space around it.
func displayName(s string) string {
	trimmed := strings.TrimSpace(s)
	if trimmed != s || trimmed == "" || strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) && !unicode.Is(unicode.Zs, r) }) >= 0 {
		return quoted(s) + " does not match '^(?![\\\\s])[printable]*(?<![\\\\s])$'"
	}
	return ""
}

// notDescription tells the characters that a description must not have: line breaks are allowed.
func notDescription(r rune) bool {
	return !unicode.IsPrint(r) && !unicode.Is(unicode.Zs, r) && r != '\n' && r != '\r' && r != '\t'
}

func pattern(expression string) func(string) string {
	compiled := regexp.MustCompile(expression)
	return matches(compiled.MatchString, expression)
}

func matches(ok func(string) bool, expression string) func(string) string {
	return func(s string) string {
		if ok(s) {
			return ""
		}
		return quoted(s) + " does not match '" + expression + "'"
	}
}

func both(first, second func(string) string) func(string) string {
	return func(s string) string {
		if message := first(s); message != "" {
			return message
		}
		return second(s)
	}
}

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `\'`) + "'" }

// ipOrNone takes an address of the family, or "" to remove one.
func ipOrNone(family string) func(string) string {
	return func(s string) string {
		if addr, err := netip.ParseAddr(s); s == "" || err == nil && addr.Is4() == (family == "ipv4") {
			return ""
		}
		return quoted(s) + " is not a '" + family + "'"
	}
}
