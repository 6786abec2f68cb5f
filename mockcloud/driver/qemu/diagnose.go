// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.Diagnoser = (*Host)(nil)

// Diagnose tells what a machine that is on has used. Of its NICs it knows no more than their addresses: what they
// have carried the fabric counts.
func (h *Host) Diagnose(ctx context.Context, id string) (driver.Diagnostics, error) {
	m, err := h.whole(id)
	if err != nil {
		return driver.Diagnostics{}, err
	}
	q, s := m.instance(), m.spec()
	out := driver.Diagnostics{State: m.status().State, MemoryMB: driver.MemoryUse{Maximum: int64(s.MemoryMiB)}}
	for _, n := range s.NICs {
		out.NICs = append(out.NICs, driver.NICUse{MAC: n.MAC})
	}
	if q == nil {
		return out, nil
	}
	if out.Uptime, err = q.proc.age(); err != nil {
		return out, err
	}
	if out.CPUs, err = h.cpuTimes(ctx, m, q); err != nil {
		return out, err
	}
	if out.Disks, err = h.diskUses(ctx, m, q, &s); err != nil {
		return out, err
	}
	out.MemoryMB.Used, err = h.memoryUsed(ctx, m, q, out.MemoryMB.Maximum)
	return out, err
}

// cpuTimes are how long the thread of each of the guest's CPUs has run.
func (h *Host) cpuTimes(ctx context.Context, m *machine, q *instance) ([]time.Duration, error) {
	var cpus []struct {
		Index  int `json:"cpu-index"`
		Thread int `json:"thread-id"`
	}
	if err := h.run(ctx, m, q, "query-cpus-fast", nil, &cpus); err != nil {
		return nil, err
	}
	times := make([]time.Duration, len(cpus))
	for n, cpu := range cpus {
		busy, err := q.proc.threadTime(cpu.Thread)
		if err != nil {
			return nil, err
		}
		if at := cpu.Index; at >= 0 && at < len(times) {
			n = at
		}
		times[n] = busy
	}
	return times, nil
}

// diskUses are what the disks have carried, in the order of the guest's names for them.
func (h *Host) diskUses(ctx context.Context, m *machine, q *instance, s *spec) ([]driver.DiskUse, error) {
	type counts struct {
		ReadBytes     int64 `json:"rd_bytes"`
		ReadRequests  int64 `json:"rd_operations"`
		WriteBytes    int64 `json:"wr_bytes"`
		WriteRequests int64 `json:"wr_operations"`
		FailedReads   int64 `json:"failed_rd_operations"`
		FailedWrites  int64 `json:"failed_wr_operations"`
		FailedFlushes int64 `json:"failed_flush_operations"`
	}
	var devices []struct {
		Device string `json:"qdev"` // a path in QEMU's tree: /machine/peripheral/root/virtio-backend
		Stats  counts `json:"stats"`
	}
	if err := h.run(ctx, m, q, "query-blockstats", nil, &devices); err != nil {
		return nil, err
	}
	of := map[string]counts{}
	for _, d := range devices {
		name, _, _ := strings.Cut(strings.TrimPrefix(d.Device, "/machine/peripheral/"), "/")
		of[name] = d.Stats
	}
	var uses []driver.DiskUse
	for n, d := range m.disks(s) {
		c, there := of[d.id]
		if !there {
			continue
		}
		uses = append(uses, driver.DiskUse{
			Device: s.diskName(n, d), ReadBytes: c.ReadBytes, ReadRequests: c.ReadRequests, WriteBytes: c.WriteBytes, WriteRequests: c.WriteRequests,
			Errors: c.FailedReads + c.FailedWrites + c.FailedFlushes,
		})
	}
	return uses, nil
}

// diskName is what the guest calls its n-th disk, as far as we can know.
func (s *spec) diskName(n int, d disk) string {
	for _, v := range s.Volumes {
		if v.id() == d.id && v.Device != "" {
			return path.Base(v.Device)
		}
	}
	switch {
	case d.cdrom:
		return "sr0"
	case d.bus == scsiBus:
		return "sd" + string(rune('a'+n))
	}
	return "vd" + string(rune('a'+n))
}

// Of the balloon, by which guests tell of their memory.
const (
	balloonPath     = "/machine/peripheral/balloon0"
	balloonInterval = 10                     // seconds between what it asks the guest, once somebody has asked us
	balloonPatience = 500 * time.Millisecond // for the guest's first answer
)

// memoryUsed is what the guest says that it uses, in MiB; of one that says nothing, what the host holds of its
// memory.
func (h *Host) memoryUsed(ctx context.Context, m *machine, q *instance, total int64) (int64, error) {
	get := func(property string, reply any) error {
		return h.run(ctx, m, q, "qom-get", obj{"path": balloonPath, "property": property}, reply)
	}
	var interval int
	if err := get("guest-stats-polling-interval", &interval); err != nil {
		return 0, err
	}
	patience := time.Duration(0)
	if interval == 0 {
		patience = balloonPatience
		err := h.run(ctx, m, q, "qom-set", obj{"path": balloonPath, "property": "guest-stats-polling-interval", "value": balloonInterval}, nil)
		if err != nil {
			return 0, err
		}
	}
	const step = 20 * time.Millisecond
	for {
		var told struct {
			Updated int64 `json:"last-update"`
			Stats   struct {
				Available uint64 `json:"stat-available-memory"` // all bits set: unknown
			} `json:"stats"`
		}
		if err := get("guest-stats", &told); err != nil {
			return 0, err
		}
		const mib = 1 << 20
		switch {
		case told.Updated > 0 && told.Stats.Available != math.MaxUint64:
			return max(0, total-int64(told.Stats.Available/mib)), nil // what its kernel took at boot is used, too
		case patience <= 0:
			held, err := q.proc.resident()
			return min(held/mib, total), err
		}
		patience -= step
		if err := clock.Wall().Sleep(ctx, step); err != nil {
			return 0, err
		}
	}
}

// threadTime is how long one of the process's threads has run.
func (p *process) threadTime(thread int) (time.Duration, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/schedstat", p.pid, thread))
	if err != nil {
		return 0, err
	}
	ran, _, _ := strings.Cut(string(b), " ")
	ns, err := strconv.ParseInt(ran, 10, 64)
	return time.Duration(ns), err
}

// age is how long ago the process began.
func (p *process) age() (time.Duration, error) {
	b, err := os.ReadFile("/proc/uptime")
	if err != nil {
		return 0, err
	}
	first, _, _ := bytes.Cut(b, []byte(" "))
	up, err := strconv.ParseFloat(string(first), 64)
	const tick = time.Second / 100 // of process.start: USER_HZ
	return max(0, time.Duration(up*float64(time.Second))-time.Duration(p.start)*tick), err
}

// resident is how many bytes of the process are in memory.
func (p *process) resident() (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(b))
	if len(fields) < 2 {
		return 0, fmt.Errorf("/proc/%d/statm has %d fields", p.pid, len(fields))
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize()), err
}
