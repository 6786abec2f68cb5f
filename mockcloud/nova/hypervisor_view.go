// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"encoding/json"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// cpuInfo describes a host's CPUs.
type cpuInfo struct {
	Arch     string      `json:"arch"`
	Model    string      `json:"model"`
	Vendor   string      `json:"vendor"`
	Features []string    `json:"features"`
	Topology cpuTopology `json:"topology"`
}

type cpuTopology struct {
	Cells   int `json:"cells"`
	Sockets int `json:"sockets"`
	Cores   int `json:"cores"`
	Threads int `json:"threads"`
}

func cpuInfoOf(h *compute.Host) cpuInfo {
	return cpuInfo{
		Arch: h.Total.Arch, Model: h.Total.CPUModel, Vendor: "unknown", Features: []string{},
		Topology: cpuTopology{Cells: max(len(h.Cells), 1), Sockets: h.Total.VCPUs, Cores: 1, Threads: 1},
	}
}

// add adds the host's numbers.
func (t *hypervisorTotals) add(h *compute.Host) {
	t.VCPUs += h.Total.VCPUs
	t.VCPUsUsed += h.Used.VCPUs
	t.MemoryMiB += h.Total.MemoryMiB
	t.MemoryMiBUsed += h.Used.MemoryMiB
	t.FreeRAMMiB += h.Total.MemoryMiB - h.Used.MemoryMiB
	t.DiskGiB += h.Total.DiskGiB
	t.DiskGiBUsed += h.Used.DiskGiB
	t.FreeDiskGiB += h.Total.DiskGiB - h.Used.DiskGiB
	t.LeastAvailable += h.Total.DiskGiB - h.Used.DiskGiB
	t.Workload += h.Workload
	t.RunningVMs += h.Instances
}

func (s *Service) hypervisorCore(c *api.Call, h *compute.Host, servers bool) (hypervisorCore, error) {
	core := hypervisorCore{
		Number: h.Number, ID: h.HypervisorID, Hostname: h.Node,
		State: onOff(h.Up, "up", "down"), Status: onOff(h.Disabled, "disabled", "enabled"),
	}
	if !servers {
		return core, nil
	}
	on, err := s.Compute.List(c.Context(), compute.Filter{Host: h.Name})
	list := []hypervisorServer{}
	for _, inst := range on {
		list = append(list, hypervisorServer{Name: inst.MachineName(), UUID: inst.ID})
	}
	if len(list) > 0 || c.Since(alwaysListsServers) {
		core.Servers = api.Some(list)
	}
	return core, err
}

func (s *Service) hypervisorView(c *api.Call, h *compute.Host, servers bool) (Hypervisor, error) {
	core, err := s.hypervisorCore(c, h, servers)
	if err != nil {
		return Hypervisor{}, err
	}
	view := Hypervisor{
		hypervisorCore: core, IP: h.IP(), Type: h.Total.Hypervisor, Version: h.Total.Version,
		Service: hypervisorService{
			Number: h.ServiceNumber, ID: h.ServiceID, Host: h.Name, DisabledReason: nullable(h.DisabledReason),
		},
	}
	if c.Since(uptimeInHypervisor) {
		// A host that is down, or does not know, has none.
		if uptime, err := s.Compute.HostUptime(c.Context(), h.Name); err == nil {
			view.Uptime = &uptime
		}
		return view, nil
	}
	view.add(h)
	view.CPUInfo = cpuInfoOf(h)
	text, err := json.Marshal(view.CPUInfo)
	view.CPUText = string(text)
	return view, err
}
