// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// Diagnostics is what a server uses, in the form of all drivers (since 2.48).
type Diagnostics struct {
	State         string       `json:"state"`
	Driver        string       `json:"driver"`
	Hypervisor    string       `json:"hypervisor"`
	HypervisorOS  string       `json:"hypervisor_os"`
	Uptime        int          `json:"uptime"` // seconds
	ConfigDrive   bool         `json:"config_drive"`
	CPUs          int          `json:"num_cpus"`
	NICs          int          `json:"num_nics"`
	Disks         int          `json:"num_disks"`
	CPUDetails    []cpuUse     `json:"cpu_details"`
	NICDetails    []nicUse     `json:"nic_details"`
	DiskDetails   []diskUse    `json:"disk_details"`
	MemoryDetails memoryDetail `json:"memory_details"`
}

type cpuUse struct {
	ID          int   `json:"id"`
	Time        int64 `json:"time"`        // nanoseconds
	Utilisation int   `json:"utilisation"` // percent
}

type nicUse struct {
	MAC       string `json:"mac_address"`
	RxOctets  int64  `json:"rx_octets"`
	RxErrors  int64  `json:"rx_errors"`
	RxDrop    int64  `json:"rx_drop"`
	RxPackets int64  `json:"rx_packets"`
	RxRate    int64  `json:"rx_rate"`
	TxOctets  int64  `json:"tx_octets"`
	TxErrors  int64  `json:"tx_errors"`
	TxDrop    int64  `json:"tx_drop"`
	TxPackets int64  `json:"tx_packets"`
	TxRate    int64  `json:"tx_rate"`
}

type diskUse struct {
	ReadBytes     int64 `json:"read_bytes"`
	ReadRequests  int64 `json:"read_requests"`
	WriteBytes    int64 `json:"write_bytes"`
	WriteRequests int64 `json:"write_requests"`
	Errors        int64 `json:"errors_count"`
}

// memoryDetail is in MiB.
type memoryDetail struct {
	Maximum int64 `json:"maximum"`
	Used    int64 `json:"used"`
}

func (s *Service) diagnosticsRoutes() []api.Route {
	const path = "/servers/{id}/diagnostics"
	ask := api.QueryOf[noQuery]()
	return []api.Route{
		api.Get(path, "", s.showOldDiagnostics).AskedBy(ask).Loose("-2.101").Only("-2.47"),
		api.Get(path, "", s.showDiagnostics).AskedBy(ask).Loose("-2.101").Only("2.48-"),
	}
}

func (s *Service) diagnose(c *api.Call) (*compute.Instance, driver.Diagnostics, string, error) {
	inst, err := s.server(c, c.Var("id"), "os-server-diagnostics")
	if err != nil {
		return nil, driver.Diagnostics{}, "", err
	}
	found, hypervisor, err := s.Compute.Diagnose(c.Context(), inst.ID)
	return inst, found, hypervisor, unsupported(err)
}

// showOldDiagnostics is what libvirt's driver told: a flat list of numbers.
func (s *Service) showOldDiagnostics(c *api.Call) (map[string]int64, error) {
	_, found, _, err := s.diagnose(c)
	if err != nil {
		return nil, err
	}
	const kibPerMiB = 1024
	out := map[string]int64{"memory": found.MemoryMB.Maximum * kibPerMiB, "memory-rss": found.MemoryMB.Used * kibPerMiB}
	for i, busy := range found.CPUs {
		out[fmt.Sprintf("cpu%d_time", i)] = busy.Nanoseconds()
	}
	for _, d := range found.Disks {
		name := strings.TrimPrefix(d.Device, "/dev/")
		out[name+"_read"], out[name+"_read_req"] = d.ReadBytes, d.ReadRequests
		out[name+"_write"], out[name+"_write_req"] = d.WriteBytes, d.WriteRequests
		out[name+"_errors"] = d.Errors
	}
	for i, n := range found.NICs {
		name := fmt.Sprintf("vnet%d", i)
		out[name+"_rx"], out[name+"_rx_packets"], out[name+"_rx_errors"], out[name+"_rx_drop"] = n.RxBytes, n.RxPackets, n.RxErrors, n.RxDropped
		out[name+"_tx"], out[name+"_tx_packets"], out[name+"_tx_errors"], out[name+"_tx_drop"] = n.TxBytes, n.TxPackets, n.TxErrors, n.TxDropped
	}
	return out, nil
}

func (s *Service) showDiagnostics(c *api.Call) (out Diagnostics, err error) {
	inst, found, hypervisor, err := s.diagnose(c)
	if err != nil {
		return out, err
	}
	out = Diagnostics{
		State: "running", Driver: "libvirt", Hypervisor: strings.ToLower(hypervisor), HypervisorOS: "linux",
		Uptime: int(found.Uptime / time.Second), ConfigDrive: inst.ConfigDrive,
		CPUs: len(found.CPUs), NICs: len(found.NICs), Disks: len(found.Disks),
		CPUDetails: []cpuUse{}, NICDetails: []nicUse{}, DiskDetails: []diskUse{},
		MemoryDetails: memoryDetail(found.MemoryMB),
	}
	const percent = 100
	for i, busy := range found.CPUs {
		use := cpuUse{ID: i, Time: busy.Nanoseconds()}
		if found.Uptime > 0 {
			use.Utilisation = int(percent * busy / found.Uptime)
		}
		out.CPUDetails = append(out.CPUDetails, use)
	}
	for _, n := range found.NICs {
		out.NICDetails = append(out.NICDetails, nicUse{
			MAC: n.MAC, RxOctets: n.RxBytes, RxErrors: n.RxErrors, RxDrop: n.RxDropped, RxPackets: n.RxPackets, RxRate: n.RxRate,
			TxOctets: n.TxBytes, TxErrors: n.TxErrors, TxDrop: n.TxDropped, TxPackets: n.TxPackets, TxRate: n.TxRate,
		})
	}
	for _, d := range found.Disks {
		out.DiskDetails = append(out.DiskDetails, diskUse{
			ReadBytes: d.ReadBytes, ReadRequests: d.ReadRequests, WriteBytes: d.WriteBytes, WriteRequests: d.WriteRequests, Errors: d.Errors,
		})
	}
	return out, nil
}

// errUnsupported is what Nova answers where a driver lacks an ability.
var errUnsupported = api.NewFault(http.StatusNotImplemented, "The requested functionality is not supported.")

// unsupported is refused in those words.
func unsupported(err error) error {
	if compute.KindOf(err) == compute.NotImplemented {
		return errUnsupported
	}
	return refused(err)
}
