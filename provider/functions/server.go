// SPDX-License-Identifier: MPL-2.0

package functions

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
)

// address is a row of a server's addresses.
type address struct {
	network, address string
	kinds            []string // ipv4 or ipv6, fixed or floating
}

// kinds are what an address may be asked to be.
var kinds = []string{"ipv4", "ipv6", "fixed", "floating"}

func (a address) is(kind string) bool { return slices.Contains(a.kinds, kind) }

// isServer is whether v looks like a nova_server rather than a collection of them.
func isServer(v attr.Value) bool {
	_, ok := members(v)["addresses"]
	return ok
}

// errNoServer is about an argument that is none.
var errNoServer = errors.New("this has to be a server: a resource or data source nova_server, or an object with the addresses of one")

// addressesOf are the addresses of a server.
func addressesOf(server attr.Value) ([]address, error) {
	if plain(server).IsUnknown() {
		return nil, errUnknown
	}
	if !isServer(server) {
		return nil, errNoServer
	}
	list := plain(members(server)["addresses"])
	if list.IsUnknown() {
		return nil, errUnknown
	}
	rows, ok := elements(list)
	if !ok && !list.IsNull() {
		return nil, errors.New("the addresses of a server are a list")
	}
	var all []address
	for _, row := range rows {
		a, err := readAddress(row)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

func readAddress(row attr.Value) (a address, err error) {
	if plain(row).IsUnknown() {
		return a, errUnknown
	}
	columns := members(row)
	var kind string
	for name, target := range map[string]*string{"network": &a.network, "address": &a.address, "type": &kind} {
		if *target, err = text(columns[name]); err != nil {
			return a, fmt.Errorf("%s of an address of the server: %w", name, err)
		}
	}
	if a.address == "" {
		return a, errors.New("a row of the server's addresses has no address")
	}
	a.kinds = []string{"ipv4", cmp.Or(kind, "fixed")}
	if strings.Contains(a.address, ":") {
		a.kinds[0] = "ipv6"
	}
	return a, nil
}

// choose is the first of the addresses that are in the network, any for "", and of all the kinds wanted. Those of
// the kinds of prefer come before others, the first of these kinds counting most. It is "" if none fits.
func choose(all []address, network string, wanted []string, prefer ...string) string {
	var fitting []address
	for _, a := range all {
		lacks := func(kind string) bool { return !a.is(kind) }
		if (network == "" || a.network == network) && !slices.ContainsFunc(wanted, lacks) {
			fitting = append(fitting, a)
		}
	}
	if len(fitting) == 0 {
		return ""
	}
	rank := func(a address) int {
		rank := 0
		for _, kind := range prefer {
			rank *= 2
			if !a.is(kind) {
				rank++
			}
		}
		return rank
	}
	return slices.MinFunc(fitting, func(a, b address) int { return cmp.Compare(rank(a), rank(b)) }).address
}

// networks are the names of the networks that the addresses are in.
func networks(all []address) []string {
	var names []string
	for _, a := range all {
		names = append(names, a.network)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
