// SPDX-License-Identifier: MPL-2.0

package sim

import (
	"context"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.Diagnoser = (*Driver)(nil)

// What a simulated guest does per second of its uptime, and once while it boots.
const (
	busyShare     = 100 // one part in so many of each CPU
	packetSize    = 64
	requestSize   = 4096
	bootReads     = 8192 // requests
	readsEvery    = time.Second
	writesEvery   = 2 * time.Second
	packetsEvery  = 500 * time.Millisecond
	usedMemoryMiB = 48
)

// Diagnose tells what an idle guest would have used since it booted.
func (d *Driver) Diagnose(ctx context.Context, id string) (driver.Diagnostics, error) {
	if err := ctx.Err(); err != nil {
		return driver.Diagnostics{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	m, err := d.find(id)
	if err != nil {
		return driver.Diagnostics{}, err
	}
	up := time.Duration(0)
	if m.State == driver.Running || m.State == driver.Paused {
		up = d.Clock.Now().Sub(m.BootedAt)
	}
	out := driver.Diagnostics{
		State: m.State, Uptime: up,
		MemoryMB: driver.MemoryUse{Maximum: int64(m.MemoryMiB), Used: min(int64(m.MemoryMiB), usedMemoryMiB)},
	}
	for range m.VCPUs {
		out.CPUs = append(out.CPUs, up/busyShare)
	}
	for _, n := range m.NICs {
		packets := int64(up / packetsEvery)
		out.NICs = append(out.NICs, driver.NICUse{
			MAC: n.MAC, RxPackets: packets, RxBytes: packets * packetSize, TxPackets: packets, TxBytes: packets * packetSize,
		})
	}
	reads, writes := bootReads+int64(up/readsEvery), int64(up/writesEvery)
	disks := []string{"vda"}
	for _, v := range m.Volumes {
		disks = append(disks, v.Device)
	}
	for _, disk := range disks {
		out.Disks = append(out.Disks, driver.DiskUse{
			Device: disk, ReadRequests: reads, ReadBytes: reads * requestSize, WriteRequests: writes, WriteBytes: writes * requestSize,
		})
	}
	return out, nil
}
