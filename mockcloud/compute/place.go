// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/scheduler"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// placing is what is asked of the scheduler beyond what the instance's record says.
type placing struct {
	// Flavor is what to find room for: the instance's, or the new one of a resize.
	Flavor Flavor
	// target is the zone, host or node that was asked for.
	target target
	// Exclude are hosts that will not do: those that failed already, or the one that it leaves.
	Exclude []string
}

// place chooses the instance's host. It claims nothing: the caller writes the instance's host and its
// allocation in the same transaction. *NoValidHost when there is none.
func (m *Manager) place(tx store.Tx, inst *Instance, p placing) (scheduler.Host, error) {
	hosts, err := m.hostsIn(tx)
	if err != nil {
		return scheduler.Host{}, err
	}
	best, err := scheduler.Select(p.request(inst), candidates(hosts))
	if err != nil {
		return scheduler.Host{}, noValidHost(err)
	}
	return best[0], nil
}

// noValidHost is the scheduler's refusal in Nova's words.
func noValidHost(err error) error {
	reasons := map[error]string{
		scheduler.ErrNoCandidate: "",
		scheduler.ErrFiltered:    "There are not enough hosts available.",
	}
	reason, known := reasons[err]
	if !known {
		return err
	}
	return &NoValidHost{Reason: reason}
}

// request is what the instance demands of its host.
func (p placing) request(inst *Instance) scheduler.Request {
	return scheduler.Request{
		Amount: scheduler.Amount{
			VCPUs: p.Flavor.VCPUs, MemoryMiB: p.Flavor.MemoryMiB, DiskGiB: p.Flavor.hypervisorDisk(),
		},
		Zone: p.target.zone, ForcedHost: p.target.forcedHost, ForcedNode: p.target.forcedNode,
		Host: p.target.host, Node: p.target.node,
		Arch: inst.ImageProperties["hw_architecture"], Hypervisor: inst.ImageProperties["img_hv_type"],
		SameHost: p.target.hinted.same, DifferentHost: p.target.hinted.different, Tried: p.Exclude,
	}
}

// candidates are the hosts as the scheduler sees them.
func candidates(hosts []*Host) []scheduler.Host {
	all := make([]scheduler.Host, len(hosts))
	for i, h := range hosts {
		all[i] = scheduler.Host{
			Name: h.Name, Node: h.Node, Zone: h.Zone, Enabled: !h.Disabled, Up: h.Up,
			Total:    scheduler.Amount{VCPUs: h.Total.VCPUs, MemoryMiB: h.Total.MemoryMiB, DiskGiB: h.Total.DiskGiB},
			Used:     scheduler.Amount(h.Used),
			CPURatio: h.Ratios.CPU, RAMRatio: h.Ratios.RAM, DiskRatio: h.Ratios.Disk,
			Arch: h.Total.Arch, Hypervisor: h.Total.Hypervisor,
		}
	}
	return all
}
