// SPDX-License-Identifier: MPL-2.0

// Package neutron is the network service: Neutron's API v2.0 as far as servers and their users need it,
// and the Go methods by which compute gets ports.
//
// Each collection is a file: a record (what the API shows), the fields that a request may set, and the
// functions that create, update and remove it within one transaction (op). What all collections have in
// common (bulk creation, filters, sorting, paging, fields, tags, policy by attribute) is in
// collection.go, list.go and attribute.go, driven by the structs' tags:
//
//	json:"name"   the attribute's name
//	put:"no"      it cannot be changed after creation
//	show:"null"   its empty value is null in answers, show:"set" leaves that out; show:"no" keeps it out always
//	rule:"yes"    it has a policy rule of its own: create_network:shared, get_port:binding:host_id
//
// What a request may do to a record beside that (bindings of a port, interfaces and routes of a router,
// prefixes of a pool) is in files named after both. Who may use a network that is another project's is in
// access.go; what is announced in extension.go is served, and nothing else is.
package neutron
