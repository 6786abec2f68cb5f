// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// line is a name or description: white space around it does not count.
type line string

// Parse implements api.Parser.
func (l *line) Parse(v any) error {
	text, ok := v.(string)
	if !ok {
		return api.WrongType(v, "string", "null")
	}
	*l = line(strings.TrimSpace(text))
	return nil
}

// plain is a map that is never nil.
func plain(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

// flag is true or false, or one of the words that Cinder takes for them.
type flag bool

// Parse implements api.Parser.
func (f *flag) Parse(v any) error {
	var known api.Boolean
	if text, ok := v.(string); ok {
		switch text {
		case "y", "t":
			*f = true
			return nil
		case "n", "f":
			*f = false
			return nil
		}
	}
	err := known.Parse(v)
	*f = flag(known)
	return err
}

// text is what a pointer leads to, "" for nil.
func text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// null is nil for "".
func null(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// isID reports whether a name can be an id: what Cinder looks up by id first.
func isID(s string) bool { return uuid.Validate(s) == nil }

// oneOf spells a list of statuses as Cinder's messages do.
func oneOf(statuses []string) string { return strings.Join(statuses, " or ") }

// formats are the named formats of Cinder's bodies.
func formats() map[string]func(string) string {
	return map[string]func(string) string{
		"volume_status": word("volume_status", []string{
			Creating, Available, Deleting, Failed, FailedDeleting, "error_managing", "managing", Attaching, InUse, Detaching, Maintenance,
			"restoring-backup", FailedRestoring, Reserved, AwaitingTransfer, "backing-up", FailedExtending, Extending, Downloading,
			Uploading, Retyping,
		}),
		"volume_attach_status":    word("volume_attach_status", []string{"attached", "attaching", "detached", "reserved", "error_attaching", "error_detaching", "deleted"}),
		"volume_migration_status": word("volume_migration_status", []string{"migrating", "error", "success", "completing", "none", "starting"}),
		"snapshot_status":         word("snapshot_status", []string{Available, "backing-up", Creating, Deleting, FailedDeleting, Failed}),
	}
}

func word(name string, known []string) func(string) string {
	return func(s string) string {
		for _, k := range known {
			if strings.EqualFold(s, k) {
				return ""
			}
		}
		return fmt.Sprintf("%s is not a '%s'", api.Repr(s), name)
	}
}
