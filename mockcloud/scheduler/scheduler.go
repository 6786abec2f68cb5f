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
	IP               string
	Enabled, Up      bool
	Total, Used      Amount
	CPURatio         float64
	RAMRatio         float64
	DiskRatio        float64

	Arch              string // "x86_64"
	Hypervisor        string // "QEMU"
	HypervisorVersion int    // 7002022 is 7.2.22
	CPUModel          string
	Traits            []string
	// Classes are the resource classes that the host has besides CPUs, memory and disk, Taken what
	// is claimed of them.
	Classes, Taken map[string]int
	// Cells are the host's NUMA cells, CellsUsed what is claimed of each.
	Cells, CellsUsed []Cell
	// Devices are the PCI devices that nobody has claimed.
	Devices []Device
	// Aggregates are the metadata of the aggregates that it is in.
	Aggregates []map[string]string
	// NovaCells are the cells that it is in.
	NovaCells []string

	Instances    int // on it
	Busy         int // of them, with work for its disks under way
	FailedBuilds int // since the last build that succeeded
}

// Amount is a quantity of what a host has: vCPUs, MiB of memory, GiB of disk. Of the vCPUs, Pinned are
// CPUs of their own (Placement: PCPU), the others share CPUs (VCPU).
type Amount struct{ VCPUs, MemoryMiB, DiskGiB, Pinned int }

// Request is what a server demands of its host.
type Request struct {
	Amount
	ProjectID string
	Zone      string // "" is any
	// ForcedHost and ForcedNode (an administrator's zone:host:node) pass by all filters but those
	// for room.
	ForcedHost, ForcedNode string
	// Host and Node are requested ones, which must pass the filters (since 2.74).
	Host, Node string
	// ImageProperties and ExtraSpecs are the image's and the flavor's.
	ImageProperties, ExtraSpecs map[string]string
	// Required and Forbidden are traits.
	Required, Forbidden []string
	// Classes are further resource classes and how much it takes of each.
	Classes map[string]int
	// NUMA are its cells, none for a server without a NUMA topology.
	NUMA []GuestCell
	// Devices are how many PCI devices of each alias it takes.
	Devices map[string]int
	// Group is the server group that it is in, if any.
	Group *Group
	// SameHost and DifferentHost are hosts of other servers: it must be one of the first, unless
	// that is nil, and none of the second.
	SameHost, DifferentHost []string
	// TargetCell is the cell that it must be in, "" is any, and DifferentCells those that it must not be in.
	TargetCell     string
	DifferentCells []string
	// Query is a JsonFilter's, "" is none.
	Query string
	// NearIP and CIDR are the hints build_near_host_ip and cidr: a network that the host must be in.
	NearIP, CIDR string
	// AggregateKeys are the metadata keys that any aggregate of the cloud has.
	AggregateKeys map[string]bool
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
	return inOrder(request, able), nil
}

// inOrder sorts hosts by weight, the heaviest first, and then by name.
func inOrder(request Request, hosts []Host) []Host {
	weights := weigh(request, hosts)
	order := slices.Clone(hosts)
	slices.SortFunc(order, func(a, b Host) int {
		return cmp.Or(cmp.Compare(weights[b.Name], weights[a.Name]), cmp.Compare(a.Name, b.Name))
	})
	return order
}
