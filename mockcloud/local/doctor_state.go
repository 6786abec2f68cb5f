// SPDX-License-Identifier: MPL-2.0

package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/qemu"
)

func (p Patient) stateDir(context.Context) Finding {
	f := Finding{Subject: "state", Health: Good, Says: p.Dir}
	err := ours(p.Dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.Says += " is not there yet: a cloud was never started on it"
	case err != nil:
		f.Health, f.Says, f.Mend = Bad, err.Error(), "chmod 0700 '"+p.Dir+"'"
	case p.held():
		f.Says += ", a mockcloud runs on it"
	default:
		f.Says += ", no mockcloud runs on it"
	}
	return f
}

func (p Patient) held() bool { return InUse(p.Dir) }

// InUse tells whether a mockcloud has the state directory open.
func InUse(dir string) bool {
	file, err := os.Open(filepath.Join(dir, "lock"))
	if err != nil {
		return false
	}
	defer file.Close() // and with it the lock
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil
}

func (p Patient) sockets(context.Context) Finding {
	f := Finding{Subject: "sockets", Health: Good}
	dir, err := filepath.Abs(p.Dir)
	if err == nil {
		f.Says, err = qemu.SocketDir(filepath.Join(dir, "hosts", Hosts(1)[0].Name))
	}
	if err != nil {
		return Finding{Subject: f.Subject, Health: Bad, Says: err.Error(), Mend: "export XDG_RUNTIME_DIR=/run/user/$(id -u)"}
	}
	f.Says = "in " + filepath.Dir(f.Says)
	return f
}

// hostDirs are the directories of the hosts that there have been.
func hostDirs(dir string) ([]string, error) {
	return filepath.Glob(filepath.Join(dir, "hosts", "*"))
}

// machines compares QEMU processes and sockets with the machines of the state directory.
func (p Patient) machines(context.Context) Finding {
	f := Finding{Subject: "machines", Health: Good}
	dirs, err := hostDirs(p.Dir)
	if err != nil {
		return Finding{Subject: f.Subject, Health: Bad, Says: err.Error()}
	}
	var running, orphans, stale int
	var left []qemu.Remains
	for _, dir := range dirs {
		r, err := qemu.Examine(dir)
		if err != nil {
			return Finding{Subject: f.Subject, Health: Bad, Says: err.Error()}
		}
		running, orphans, stale = running+len(r.Running), orphans+len(r.Orphans), stale+len(r.Sockets)
		left = append(left, r)
	}
	f.Says = fmt.Sprintf("%d run", running)
	if p.held() {
		return f // what a moment ago belonged to nobody may just be made or removed
	}
	if running > 0 {
		f.Says += " without a mockcloud; the next start takes hold of them"
	}
	if orphans+stale == 0 {
		return f
	}
	f.Health, f.Mend = Fair, "mockcloud doctor --fix"
	f.Says += fmt.Sprintf("; %d QEMUs and the sockets of %d machines belong to nobody", orphans, stale)
	f.fix = func(ctx context.Context) error {
		unlock, err := lockState(ctx, p.Dir)
		if err != nil {
			return err
		}
		for _, r := range left {
			err = errors.Join(err, r.Clear())
		}
		return errors.Join(err, unlock())
	}
	return f
}

func (p Patient) port(ctx context.Context) Finding {
	f := Finding{Subject: "address", Health: Good, Says: p.Listen}
	if p.Listen == "" {
		f.Says = "none is asked for"
		return f
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", p.Listen)
	switch {
	case err == nil:
		f.Says += " is free"
		err = listener.Close()
	case errors.Is(err, syscall.EADDRINUSE) && p.held():
		f.Says += " is in use, perhaps by the mockcloud that runs"
		err = nil
	case errors.Is(err, syscall.EADDRINUSE):
		f.Health, f.Mend = Fair, "mockcloud serve --listen 127.0.0.1:0 # a free port"
		f.Says += " is in use by another program"
		err = nil
	}
	if err != nil {
		f.Health, f.Says = Bad, err.Error()
	}
	return f
}

// Demolish ends every machine of a cloud that nobody has open, and removes its state directory.
func Demolish(ctx context.Context, dir string) error {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	unlock, err := lockState(ctx, dir)
	if err != nil {
		return err
	}
	dirs, err := hostDirs(dir)
	for _, host := range dirs {
		err = errors.Join(err, qemu.Demolish(host))
	}
	if err == nil {
		err = os.RemoveAll(dir)
	}
	return errors.Join(err, unlock())
}
