// SPDX-License-Identifier: MPL-2.0

// Package api is the HTTP kit that all of mockcloud's services share. A service declares Routes; a
// route is a method, a path, the JSON name that its body is wrapped in and a typed handler:
//
//	Post("/os-keypairs", "keypair", createKeypair).
//		Codes(Since[int]{{1, 200}, {2, 201}}).
//		Policy("os_compute_api:os-keypairs:create")
//
// Everything else happens here once: request ids, authentication, microversions, decoding and
// validation by tags, policy, encoding by tags, faults, paging, links, body limits and panics.
//
// The tags of a request or answer field (V is a list of ranges of minor versions: "2.2-", "-2.91",
// "2.9-2.46", "2.32,2.42-"):
//
//	json:"name"           the JSON name; ",omitempty" leaves an empty value out of answers.
//	                      "*" on a map[string]any takes all keys that no other field has
//	nova:"V"              the field exists in these versions; in others it is refused in requests and
//	                      left out of answers. On an embedded struct it gates the whole group.
//	need:"V"              the field is required in these versions
//	oneof:"a b"           the values of an enumeration
//	len:"1-255"           the length of a string (in characters), list or map: least and most
//	range:"0-65535"       the least and greatest value of a number
//	format:"uuid"         a named format, see formats
//	pattern:"^[a-z]+$"    a regular expression, in Go's syntax, that a string must match
//	null:"ok"             null is a value too (Opt tells it from absence; other types stay zero)
//
// On legacy mounts, scalars may be spelled as strings, and a service may have XML for its bodies besides, from the same
// types and without tags of its own: see XML.
//
// A type with its own rules implements Parser. A type whose shape a tag cannot say implements Shape.
package api
