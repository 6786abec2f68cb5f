// SPDX-License-Identifier: MPL-2.0

// Package pace says how long a cloud takes for what it does. A mock is faster than its clients look: with
// a pace, each transient state (BUILD, REBOOT, a volume's attaching, an image's saving …) lasts long enough
// to be seen.
package pace

import (
	"fmt"
	"strings"
	"time"
)

// Pace is how long operations take, beyond the time that they need. The zero value is none.
type Pace struct {
	// Every is for all operations that By does not name.
	Every time.Duration
	// By is by operation: a server's action by its name in the API ("reboot", "createImage", and "create"
	// and "delete"), a volume's or an image's as "volume.create", "image.save". What an entry ends in
	// ".*" begins with is meant by it: "volume.*".
	By map[string]time.Duration
}

// Of is how long that operation takes.
func (p Pace) Of(operation string) time.Duration {
	if d, named := p.By[operation]; named {
		return d
	}
	if kind, _, is := strings.Cut(operation, "."); is {
		if d, named := p.By[kind+".*"]; named {
			return d
		}
	}
	return p.Every
}

// Parse reads a pace as people write it: "2s", or "2s,reboot=5s,volume.*=0s". Durations are Go's.
func Parse(text string) (Pace, error) {
	var p Pace
	for entry := range strings.SplitSeq(text, ",") {
		operation, length, named := strings.Cut(strings.TrimSpace(entry), "=")
		if !named {
			operation, length = "", operation
		}
		if length == "" && !named {
			continue
		}
		d, err := time.ParseDuration(length)
		switch {
		case err != nil || d < 0:
			return Pace{}, fmt.Errorf("pace %q: %q is not a duration like 2s or 300ms", text, length)
		case named && operation == "":
			return Pace{}, fmt.Errorf("pace %q: no operation before %q", text, entry)
		case !named:
			p.Every = d
		case p.By == nil:
			p.By = map[string]time.Duration{operation: d}
		default:
			p.By[operation] = d
		}
	}
	return p, nil
}
