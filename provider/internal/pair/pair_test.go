// SPDX-License-Identifier: MPL-2.0

package pair

import (
	"strings"
	"testing"
)

func TestValid(t *testing.T) {
	t.Parallel()
	plain := Key{}
	for id, want := range map[string]bool{"a/b": true, "/b": false, "a/": false, "a/b/c": false} {
		first, second, _ := strings.Cut(id, "/")
		if got := plain.valid(first, second); got != want {
			t.Errorf("%s: %t", id, got)
		}
	}
	loose := Key{Valid: func(first, second string) bool { return first == "server" && second != "" }}
	if !loose.valid("server", "a/b") || loose.valid("other", "b") {
		t.Error("Valid was not asked")
	}
}
