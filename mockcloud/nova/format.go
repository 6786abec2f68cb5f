// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"net/netip"
	"strings"
	"unicode"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// formats are the named formats of Nova's schemas: each says what is wrong with a string, or "".
func formats() map[string]func(string) string {
	return map[string]func(string) string{
		"printable": func(s string) string {
			if strings.IndexFunc(s, notPrintable) < 0 {
				return ""
			}
			return quoted(s) + " does not match '^[printable characters]*$'"
		},
		"ip": func(s string) string {
			if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
				return ""
			}
			return noneOf(s)
		},
		"uuid-or-empty": func(s string) string {
			if s == "" || isUUID(s) {
				return ""
			}
			return noneOf(s)
		},
	}
}

// canonical is the spelling in which Nova keeps an address; "" stays.
func canonical(address string) string {
	if parsed, err := netip.ParseAddr(address); err == nil {
		return parsed.String()
	}
	return address
}

// noneOf is what JSON Schema's oneOf says, which does not tell why.
func noneOf(s string) string { return quoted(s) + " is not valid under any of the given schemas" }

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `\'`) + "'" }

// notPrintable tells the characters that neither a name nor a description may have.
func notPrintable(r rune) bool { return !unicode.IsPrint(r) && !unicode.Is(unicode.Zs, r) }

// name is a name that somebody gave: printable, and no space around it. Nova says so in a sentence of
// its own.
type name string

// Parse implements api.Parser.
func (n *name) Parse(v any) error {
	text, ok := v.(string)
	switch {
	case !ok:
		return api.WrongType(v, "string")
	case strings.TrimFunc(text, unicode.IsSpace) != text, strings.IndexFunc(text, notPrintable) >= 0:
		return api.BadRequest("An invalid 'name' value was provided. " +
			"The name must be: printable characters. Can not start or end with whitespace.")
	}
	*n = name(text)
	return nil
}

// ParseLoosely implements api.LooseParser: the legacy API strips the space around a name.
func (n *name) ParseLoosely(v any) error {
	text, ok := v.(string)
	if !ok {
		return api.WrongType(v, "string")
	}
	text = strings.TrimFunc(text, unicode.IsSpace)
	if text == "" || strings.IndexFunc(text, notPrintable) >= 0 {
		return api.BadRequest("An invalid 'name' value was provided. " +
			"The name must be: printable characters with at least one non space character")
	}
	*n = name(text)
	return nil
}
