// SPDX-License-Identifier: MPL-2.0

package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/qemu"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/guest"
)

// What a machine should have for a few guests of 128 MiB.
const (
	leastMemory = 512  // MiB; fewer are Bad
	littleDisk  = 2048 // MiB; fewer are Fair
	leastDisk   = 512
	littleFiles = 4096 // open at a time: a guest takes about ten, a console or a login two
)

func install(packages string) string {
	return "sudo apt-get install -y --no-install-recommends " + packages
}

func platform(context.Context) Finding {
	f := Finding{Subject: "system", Health: Good, Says: runtime.GOOS + "/" + runtime.GOARCH}
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		f.Health, f.Says = Bad, f.Says+": real machines need Linux on an x86_64 processor; servers are simulated"
		return f
	}
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return Finding{Subject: f.Subject, Health: Bad, Says: err.Error()}
	}
	release := unix.ByteSliceToString(name.Release[:])
	f.Says += ", kernel " + release
	var major, minor int
	if n, err := fmt.Sscanf(release, "%d.%d", &major, &minor); n == 2 && err == nil && (major < 5 || major == 5 && minor < 10) {
		f.Health, f.Says = Bad, f.Says+": QEMUs are held by pidfd, which needs 5.10"
	}
	return f
}

// oldestQEMU is the oldest whose QMP we know: that of Debian 12.
const oldestQEMU = 7002000

func emulator(ctx context.Context) Finding {
	f := Finding{Subject: "QEMU", Health: Good}
	path, err := exec.LookPath("qemu-system-x86_64")
	if err != nil {
		return Finding{Subject: f.Subject, Health: Bad, Says: "there is no qemu-system-x86_64", Mend: install("qemu-system-x86")}
	}
	version, err := qemu.Version(ctx)
	if err != nil {
		return Finding{Subject: f.Subject, Health: Bad, Says: err.Error(), Mend: install("--reinstall qemu-system-x86")}
	}
	f.Says = fmt.Sprintf("%d.%d.%d, %s", version/1e6, version/1000%1000, version%1000, path)
	if version < oldestQEMU {
		f.Health, f.Says = Bad, f.Says+": 7.2 or newer is needed"
	}
	return f
}

func imageTool(context.Context) Finding {
	path, err := exec.LookPath("qemu-img")
	if err != nil {
		return Finding{Subject: "qemu-img", Health: Bad, Says: "it is missing", Mend: install("qemu-utils")}
	}
	return Finding{Subject: "qemu-img", Health: Good, Says: path}
}

func accelerator(context.Context) Finding {
	if err := qemu.Virtualises(); err != nil {
		return Finding{Subject: "KVM", Health: Fair, Says: "guests are emulated (TCG), ten times slower: " + err.Error()}
	}
	return Finding{Subject: "KVM", Health: Good, Says: "it works"}
}

func spice(ctx context.Context) Finding {
	said, _ := exec.CommandContext(ctx, "qemu-system-x86_64", "-spice", "help").Output() // which exits with 1
	if !bytes.Contains(said, []byte("disable-ticketing")) {
		return Finding{
			Subject: "SPICE", Health: Fair, Says: "this QEMU has no SPICE: spice-html5 consoles are refused, VNC and serial ones work",
			Mend: install("qemu-system-modules-spice") + " # in Debian 12 a part of qemu-system-common",
		}
	}
	return Finding{Subject: "SPICE", Health: Good, Says: "QEMU has it"}
}

func sshClient(context.Context) Finding {
	path, err := exec.LookPath("ssh")
	if err != nil {
		return Finding{Subject: "ssh", Health: Fair, Says: "there is none: mockcloud ssh does not work", Mend: install("openssh-client")}
	}
	return Finding{Subject: "ssh", Health: Good, Says: path}
}

func (p Patient) memory(context.Context) Finding {
	f := Finding{Subject: "memory", Health: Good}
	total, err := memoryKiB("MemTotal")
	free, freeErr := memoryKiB("MemAvailable")
	if err := errors.Join(err, freeErr); err != nil {
		return Finding{Subject: f.Subject, Health: Bad, Says: err.Error()}
	}
	f.Says = fmt.Sprintf("%d MiB, of which %d are available", total>>10, free>>10)
	if free>>10 < leastMemory {
		f.Health, f.Says = Bad, fmt.Sprintf("%s: %d are needed for a few guests", f.Says, leastMemory)
	}
	return f
}

func (p Patient) disk(context.Context) Finding {
	f := Finding{Subject: "disk", Health: Good}
	dir := p.Dir
	for { // it may have to be made yet
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return Finding{Subject: f.Subject, Health: Bad, Says: fmt.Sprintf("%s: %v", dir, err)}
	}
	free := st.Bavail * uint64(st.Bsize) >> 20
	f.Says = fmt.Sprintf("%d MiB free in %s", free, dir)
	switch {
	case free < leastDisk:
		f.Health, f.Says = Bad, fmt.Sprintf("%s: servers need %d", f.Says, leastDisk)
	case free < littleDisk:
		f.Health, f.Says = Fair, f.Says+": room for few servers"
	}
	return f
}

func openFiles(context.Context) Finding {
	f := Finding{Subject: "open files", Health: Good}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return Finding{Subject: f.Subject, Health: Bad, Says: err.Error()}
	}
	f.Says = fmt.Sprintf("%d at a time", limit.Max) // Go raises the soft limit to the hard one
	if limit.Max < littleFiles {
		f.Health, f.Says = Fair, fmt.Sprintf("%s: enough for about %d servers", f.Says, limit.Max/20)
		f.Mend = fmt.Sprintf("ulimit -Hn %d, as root", littleFiles)
	}
	return f
}

// bootImage looks for a finished image. Whether it is the newest is known only to who builds it, which
// takes a moment then.
func bootImage(context.Context) Finding {
	f := Finding{Subject: "guest image", Health: Good}
	var missing *guest.MissingPackagesError
	path, err := guest.Cached("")
	switch {
	case err == nil:
		f.Says = path
		return f
	case !errors.Is(err, fs.ErrNotExist):
		return Finding{Subject: f.Subject, Health: Bad, Says: err.Error()}
	}
	f.Health, f.Says = Fair, "it is not built yet; the first start on QEMU does that, or mockcloud image add uploads another"
	if errors.As(guest.Check(), &missing) {
		f.Says = "it cannot be built for lack of packages; mockcloud image add uploads another"
		f.Mend = install(strings.Join(missing.Packages, " "))
		return f
	}
	f.Mend = "mockcloud doctor --fix"
	f.fix = func(ctx context.Context) error {
		_, err := guest.Image(ctx, "")
		return err
	}
	return f
}
