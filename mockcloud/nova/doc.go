// SPDX-License-Identifier: MPL-2.0

// Package nova is Nova's API: a file per collection, with its types, routes and handlers. What a
// server is and may do is in package compute; what every service's HTTP has in common is in api.
//
// To add a field: a line in the type, with the tag nova:"2.N-". To add an operation: a Route in the
// collection's table, its rule in policy.go, its handler. To add a server action: compute's part, as
// its doc says, then an action_NAME.go here. A new microversion that changes only words goes into
// documentationOnly (microversion.go); a guard test knows if one was forgotten.
//
// A new release of Nova is a row of releases.go; what it answers 410 for, one of releases_removed.go. The operations themselves
// stay: without a release named, everything that any release had is served at once. What Nova forgot without a
// 410 is wrapped in Release.until where it is declared.
//
// Below /v2 and /v1.1 all of it is in XML, too, without a line of its own: package api's XML has the rules. What
// deviates is a row in xml_forms.go, by the JSON name of the element: a document with a namespace in rootForms, scalars that
// are elements in elementForms, items of another name in listForms, maps in mapForms. A prefix of members is a row of
// xml.go's Namespaces; an answer whose JSON has no name around it, one of its Roots.
package nova
