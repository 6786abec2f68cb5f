// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"regexp"
	"testing"
)

func TestRules(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule *regexp.Regexp
		text string
		fits bool
	}{
		{NameRule, "a", true}, {NameRule, "a b", true}, {NameRule, "größe", true}, {NameRule, " a", false}, {NameRule, "a\u00a0", false},
		{NameRule, "a\tb", false}, {NameRule, "", false}, {NameRule, "a😀b", false}, {NameRule, "a\u2028b", false},
		{TextRule, " a ", true}, {TextRule, "", true}, {TextRule, "a\nb", false}, {TextRule, "😀", false},
		{HostRule, "compute-1.example_org", true}, {HostRule, "a/b", false}, {KeyRule, "hw:cpu policy", true}, {KeyRule, "a/b", false},
		{ProjectRule, "a-1", true}, {ProjectRule, "a_1", false},
	} {
		if test.rule.MatchString(test.text) != test.fits {
			t.Errorf("%q fits %s: not %t", test.text, test.rule, test.fits)
		}
	}
}
