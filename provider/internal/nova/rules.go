// SPDX-License-Identifier: MPL-2.0

package nova

import "regexp"

// Nova's own rules for what several of its collections take, so that a plan fails rather than an apply. What Nova calls
// printable has neither control characters nor line breaks, and ends at U+FFFE.
var (
	// NameRule: printable, without white space at the ends.
	NameRule = regexp.MustCompile(`^[^\pC\pZ\x{FFFF}-\x{10FFFF}]([^\pC\x{2028}\x{2029}\x{FFFF}-\x{10FFFF}]*[^\pC\pZ\x{FFFF}-\x{10FFFF}])?$`)
	// TextRule: printable.
	TextRule = regexp.MustCompile(`^[^\pC\x{2028}\x{2029}\x{FFFF}-\x{10FFFF}]*$`)
	// UUIDRule is of UUIDs, however they are spelt.
	UUIDRule = regexp.MustCompile(`^[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$`)
	// HostRule is of the names of compute hosts.
	HostRule = regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)
	// KeyRule is of the keys of metadata and extra specs.
	KeyRule = regexp.MustCompile(`^[a-zA-Z0-9_:. -]{1,255}$`)
	// ProjectRule is of the ids of projects and users.
	ProjectRule = regexp.MustCompile(`^[a-zA-Z0-9-]+$`)
)

// What the rules say, for the messages of validators.
const (
	NameHolds    = "may hold only printable characters, and no white space at its ends"
	TextHolds    = "may hold only printable characters, and no line breaks"
	UUIDHolds    = "has to be a UUID"
	HostHolds    = "may hold letters, digits, and any of . _ -"
	KeyHolds     = "may hold letters, digits, spaces, and any of _ : . -"
	ProjectHolds = "may hold letters, digits and hyphens"
)
