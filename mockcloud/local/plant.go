// SPDX-License-Identifier: MPL-2.0

package local

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sync/semaphore"
	"golang.org/x/sys/unix"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/qemu"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/network"
)

// plant is what servers run on.
type plant struct {
	hosts  []compute.HostSpec
	fabric driver.Fabric
}

// build makes the hosts of the driver that the options ask for, or that this machine can run.
func (c *Cloud) build(ctx context.Context, o Options) (*plant, error) {
	switch o.Driver {
	case "sim":
		return c.simulate(o)
	case "qemu":
		return c.realize(ctx, o)
	case "auto", "":
	default:
		return nil, fmt.Errorf("driver %q is none of qemu, sim and auto", o.Driver)
	}
	if err := able(); err != nil {
		c.log.Warn("servers are simulated", "because", err)
		return c.simulate(o)
	}
	return c.realize(ctx, o)
}

// able tells why this machine cannot run real servers.
func able() error {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return errors.New("real ones need Linux on an x86_64 processor")
	}
	for _, binary := range []string{"qemu-system-x86_64", "qemu-img"} {
		if _, err := exec.LookPath(binary); err != nil {
			return errors.New("real ones need QEMU: apt-get install -y --no-install-recommends qemu-system-x86 qemu-utils")
		}
	}
	return nil
}

// simulate makes simulated hosts, which remember their machines in the state directory.
func (c *Cloud) simulate(o Options) (*plant, error) {
	c.Driver = "sim"
	p := &plant{fabric: driver.NoFabric{}}
	for _, h := range o.Hosts {
		total := driver.Resources{VCPUs: h.VCPUs, MemoryMiB: h.MemoryMiB, DiskGiB: h.DiskGiB}
		d, err := sim.New(sim.Options{Clock: clock.Wall(), Dir: filepath.Join(o.Dir, "hosts", h.Name, "simulated"), Resources: total})
		if err != nil {
			return nil, err
		}
		c.closers = append(c.closers, d.Close)
		spec := mockcloud.SimulatedHost(h.Name, d)
		if total != (driver.Resources{}) { // whose NUMA cells would be larger than the host
			spec.Cells, spec.Devices = nil, nil
		}
		p.hosts = append(p.hosts, h.spec(spec, cmp.Or(h.VCPUs, 64), cmp.Or(h.MemoryMiB, 256<<10)))
	}
	return p, nil
}

// realize makes hosts that run QEMU. This machine is shared out among them.
func (c *Cloud) realize(ctx context.Context, o Options) (*plant, error) {
	c.Driver = "qemu"
	p := &plant{}
	fabric, err := network.New(network.Options{
		Dir: filepath.Join(o.Dir, "sockets"), Egress: o.Egress, Resolver: resolverOf("/etc/resolv.conf"), FloatingPorts: o.FloatingPorts, Log: c.log,
	})
	if err != nil {
		return nil, err
	}
	p.fabric = fabric
	c.closers = append(c.closers, fabric.Close)
	images, err := qemu.NewImages(filepath.Join(o.Dir, "base-images"))
	if err != nil {
		return nil, err
	}
	memory, disk, err := spare(o.Dir)
	if err != nil {
		return nil, err
	}
	boots := semaphore.NewWeighted(int64(runtime.NumCPU()))
	memory = share(o.Hosts, memory, func(h Host) int { return h.MemoryMiB })
	disk = share(o.Hosts, disk, func(h Host) int { return h.DiskGiB })
	for _, h := range o.Hosts {
		h.VCPUs, h.MemoryMiB, h.DiskGiB = cmp.Or(h.VCPUs, runtime.NumCPU()), cmp.Or(h.MemoryMiB, memory), cmp.Or(h.DiskGiB, disk)
		d, err := qemu.New(ctx, qemu.Options{
			Dir: filepath.Join(o.Dir, "hosts", h.Name), Name: h.Name, Images: images, Boots: boots,
			VCPUs: h.VCPUs, MemoryMiB: h.MemoryMiB, DiskGiB: h.DiskGiB,
			Accel: qemu.Accel(o.Accel), Clock: clock.Wall(), Log: c.log,
		})
		if err != nil {
			return nil, err
		}
		c.closers = append(c.closers, d.Close)
		p.hosts = append(p.hosts, h.spec(compute.HostSpec{Name: h.Name, Driver: d}, h.VCPUs, h.MemoryMiB))
	}
	return p, nil
}

// spare is what this machine has for servers: its memory (MiB) but for an eighth, and the disk space
// (GiB) that is free under dir. Overlays take what is written only, so disks may promise four times
// as much.
func spare(dir string) (memoryMiB, diskGiB int, err error) {
	total, err := memoryKiB("MemTotal")
	if err != nil {
		return 0, 0, err
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return 0, 0, err
	}
	free := fs.Bavail * uint64(fs.Bsize) >> 30
	return total / 1024 * 7 / 8, int(free) * 4, nil
}

// memoryKiB is a line of /proc/meminfo.
func memoryKiB(name string) (int, error) {
	file, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0, err
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var kib int
		if n, err := fmt.Sscanf(strings.TrimSpace(lines.Text()), name+": %d kB", &kib); n == 1 && err == nil {
			return kib, nil
		}
	}
	return 0, fmt.Errorf("/proc/meminfo does not tell %s", name)
}
