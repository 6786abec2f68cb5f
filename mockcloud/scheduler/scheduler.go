// SPDX-License-Identifier: MPL-2.0

// Package scheduler chooses the host for a server: candidates pass the filters and the weighers put
// them in order. Filters and weighers are tables of functions without state; the same question always
// has the same answer.
package scheduler

import (
	"cmp"
	"errors"
	"slices"
)

var (
	// ErrNoCandidate: no host has room for the server (in Nova, Placement finds no candidate).
	ErrNoCandidate = errors.New("no allocation candidate")
	// ErrFiltered: hosts have room, but none passes the filters.
	ErrFiltered = errors.New("all hosts were filtered out")
)

// Host is a candidate.
type Host struct {
	Name, Node, Zone string
	Enabled, Up      bool
	Total, Used      Amount
	CPURatio         float64
	RAMRatio         float64
	DiskRatio        float64
	Arch             string // "x86_64"
	Hypervisor       string // "QEMU"
}

// Amount is a quantity of what a host has: vCPUs, MiB of memory, GiB of disk.
type Amount struct{ VCPUs, MemoryMiB, DiskGiB int }

// Request is what a server demands of its host.
type Request struct {
	Amount
	Zone string // "" is any
	// ForcedHost and ForcedNode (an administrator's zone:host:node) pass by all filters but those
	// for room.
	ForcedHost, ForcedNode string
	// Host and Node are requested ones, which must pass the filters (since 2.74).
	Host, Node string
	// Arch and Hypervisor are the image's, "" is any.
	Arch, Hypervisor string
	// SameHost and DifferentHost are hosts of other servers: it must be one of the first, unless
	// that is nil, and none of the second.
	SameHost, DifferentHost []string
	// Tried are hosts that failed to build it.
	Tried []string
}

// Select returns the hosts that can take the server, the best first. ErrNoCandidate or ErrFiltered
// when there is none.
func Select(request Request, hosts []Host) ([]Host, error) {
	var able []Host
	room := false
	for _, host := range hosts {
		if !passes(placement, request, host) {
			continue
		}
		room = true
		forced := request.ForcedHost != "" || request.ForcedNode != ""
		if passes(targets, request, host) && (forced || passes(filters, request, host)) {
			able = append(able, host)
		}
	}
	switch {
	case !room:
		return nil, ErrNoCandidate
	case len(able) == 0:
		return nil, ErrFiltered
	}
	return inOrder(able), nil
}

// inOrder sorts hosts by weight, the heaviest first, and then by name.
func inOrder(hosts []Host) []Host {
	weights := weigh(hosts)
	order := slices.Clone(hosts)
	slices.SortFunc(order, func(a, b Host) int {
		return cmp.Or(cmp.Compare(weights[b.Name], weights[a.Name]), cmp.Compare(a.Name, b.Name))
	})
	return order
}
