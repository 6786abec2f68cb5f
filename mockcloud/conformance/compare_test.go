// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// compare tells where an answer lacks keys of the sample, or has others. Where either has no items or
// null there is nothing to compare.
func compare(t *testing.T, v int, got, sample []byte) {
	t.Helper()
	var a, b any
	if err := json.Unmarshal(got, &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(sample, &b); err != nil {
		t.Fatal(err)
	}
	differ(t, fmt.Sprintf("2.%d", v), a, b)
}

// free are the keys under which everybody chooses the keys.
var free = []string{"metadata", "meta", "addresses", "extra_specs", "properties", "scheduler_hints", "hosts", "controller", "compute-1", "log", "rules", "topology", "units_by_mb"}

// some are keys that only some of a list have.
var some = []string{"OS-DCF:diskConfig"}

// adminOnly are keys that administrators see where a sample was made by somebody else.
func adminOnly(key string, sample object) bool {
	_, byAdmin := sample["OS-EXT-SRV-ATTR:host"]
	return !byAdmin && (strings.HasPrefix(key, "OS-EXT-SRV-ATTR:") || key == "host_status")
}

func differ(t *testing.T, where string, got, sample any) {
	t.Helper()
	if got == nil || sample == nil {
		return
	}
	switch want := sample.(type) {
	case object:
		have, ok := got.(object)
		if !ok {
			t.Errorf("%s: %v is no object", where, got)
			return
		}
		if slices.Contains(free, where[strings.LastIndexByte(where, '/')+1:]) {
			return
		}
		if len(have) == 0 && strings.HasSuffix(where, "/attachments/0") { // of a volume that is attached to nothing
			return
		}
		if want["status"] == "UNKNOWN" { // of a cell that is down, which no cloud in one process has
			return
		}
		for key := range allKeys(have, want) {
			_, a := have[key]
			_, b := want[key]
			switch {
			case a && b:
				differ(t, where+"/"+key, have[key], want[key])
			case key == "links" && strings.Contains(where, "/migrations/"): // of live migrations under way
			case a && !adminOnly(key, want) && !slices.Contains(some, key) && !strings.HasSuffix(key, "_links"): // links go by the limit
				t.Errorf("%s: the sample has no %s", where, key)
			case b && !strings.HasSuffix(key, "_links"):
				t.Errorf("%s: no %s", where, key)
			}
		}
	case []any:
		have, ok := got.([]any)
		if !ok {
			t.Errorf("%s: %v is no list", where, got)
		} else if len(have) > 0 && len(want) > 0 {
			differ(t, where+"/0", have[0], want[0])
		}
	default:
		if fmt.Sprintf("%T", got) != fmt.Sprintf("%T", sample) {
			t.Errorf("%s: %T, the sample has %T", where, got, sample)
		}
	}
}

func allKeys(a, b object) object {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}
