// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

const (
	// addressWait is how long the first address may take before we go on without the cloud.
	addressWait = 20 * time.Second
	// gettyPause keeps a terminal that cannot be opened from being tried in a loop.
	gettyPause = 5 * time.Second
)

// unixSession makes a child the leader of a session, so that its whole group can be told to end.
var unixSession = syscall.SysProcAttr{Setsid: true}

// machine is the running guest: its services and how it ends.
type machine struct {
	clock     clock.Clock
	out       *console
	procs     *processes
	accounts  *accounts
	network   *network
	provision *provisioner
	freezer   *freezer
	end       chan ending
}

func newMachine(c clock.Clock, out *console) *machine {
	m := &machine{
		clock: c, out: out,
		procs:    newProcesses(),
		accounts: &accounts{root: "/"},
		network:  newNetwork(c, out),
		freezer:  &freezer{target: "/"},
		end:      make(chan ending, 1),
	}
	m.provision = &provisioner{root: "/", out: out, accounts: m.accounts, procs: m.procs, tellKernel: unix.Sethostname}
	return m
}

// run serves until the machine is told to end, and then ends it. It does not return.
func (m *machine) run() {
	reaping, stopReaping := context.WithCancel(context.Background())
	defer stopReaping()
	go m.procs.reapForever(reaping)

	ctx, stop := context.WithCancel(context.Background())
	m.kernelSettings()
	go m.watchSignals(ctx)
	m.background(ctx, "power button", func(ctx context.Context) error {
		return watchPowerButton(ctx, func() { m.finish(powerOff) })
	})
	watched := make(chan struct{})
	m.background(ctx, "watchdog", func(ctx context.Context) error {
		defer close(watched)
		return runWatchdog(ctx, m.clock, m.out)
	})
	go m.start(ctx)

	how := <-m.end
	m.out.logf("%s", how.name)
	stop()
	<-watched // one that is left alone would bark while the machine is halted
	m.freezer.thawIfFrozen()
	stopAll(reaping, m.clock, m.procs)
	unmountAll()
	if err := unix.Reboot(how.command); err != nil {
		m.out.logf("%s: %v", how.name, err)
	}
	select {}
}

// finish asks the machine to end; the first to ask decides how.
func (m *machine) finish(how ending) {
	select {
	case m.end <- how:
	default:
	}
}

// background runs a service that ends with ctx; ending earlier is worth a line.
func (m *machine) background(ctx context.Context, name string, serve func(context.Context) error) {
	go func() {
		if err := serve(ctx); err != nil && ctx.Err() == nil {
			m.out.logf("%s: %v", name, err)
		}
	}()
}

func (m *machine) watchSignals(ctx context.Context) {
	signals := make(chan os.Signal, 4)
	for s := range endings {
		signal.Notify(signals, s)
	}
	defer signal.Stop(signals)
	// Ctrl-Alt-Del shall be a signal to us instead of a reset.
	_ = unix.Reboot(unix.LINUX_REBOOT_CMD_CAD_OFF)
	for {
		select {
		case s := <-signals:
			m.finish(endings[s])
		case <-ctx.Done():
			return
		}
	}
}

// kernelSettings are the few that differ from the kernel's own.
func (m *machine) kernelSettings() {
	if name, err := os.ReadFile("/etc/hostname"); err == nil {
		_ = unix.Sethostname([]byte(strings.TrimSpace(string(name))))
	}
	// Nova's trigger-crash-dump is an NMI, which is to crash the guest (and so be seen by pvpanic).
	if err := os.WriteFile("/proc/sys/kernel/unknown_nmi_panic", []byte("1"), 0o644); err != nil {
		m.out.logf("%v", err)
	}
}

// start brings the machine to where one can log in, then runs what the user wants to be run.
func (m *machine) start(ctx context.Context) {
	in := m.findInstance(ctx)
	var scripts [][]byte
	renew := false
	if in != nil {
		renew = m.provision.isNew(in, instanceFile)
		if renew {
			scripts = m.provision.setup(in)
			m.background(ctx, "password", func(ctx context.Context) error { return m.tellPassword(ctx, in) })
		}
	} else if name := m.network.hostname(); name != "" {
		if err := m.provision.setHostname(name); err != nil {
			m.out.logf("%v", err)
		}
	}
	// Not before: a password that the host sets is to last.
	m.background(ctx, "guest agent", (&agent{machine: m}).run)
	signer, err := hostKey(renew)
	if err != nil {
		m.out.logf("no SSH: host key: %v", err)
	} else {
		m.out.print(fingerprints(signer, hostname()))
		m.background(ctx, "ssh", (&sshServer{m: m, signer: signer}).run)
	}
	m.out.logf("ready %s %s", hostname(), m.network.address())
	go m.getty(ctx, "ttyS0")
	go m.getty(ctx, "tty1")
	if in != nil && m.provision.isNew(in, scriptsFile) {
		if err := m.provision.runScripts(ctx, in, scripts); err != nil && ctx.Err() == nil {
			m.out.logf("%v", err)
		}
	}
}

// findInstance reads the config drive or, if there is none, asks the metadata service, and starts
// the network in between. It returns nil when nobody answers.
func (m *machine) findInstance(ctx context.Context) *instance {
	in, err := readConfigDrive()
	if err != nil {
		m.out.logf("config drive: %v", err)
	}
	if in != nil {
		m.network.data = in.network
	}
	m.background(ctx, "network", m.network.run)
	if !m.network.hasLinks() {
		return in
	}
	waiting, cancel := clock.WithTimeout(ctx, m.clock, addressWait)
	defer cancel()
	if in != nil {
		// The drive has said everything; the address is only waited for to be printed.
		return m.withAddress(waiting, in)
	}
	select {
	case <-m.network.ready:
	case <-waiting.Done():
		m.out.logf("no address after %v", addressWait)
		return nil
	}
	in, err = readMetadata(ctx, m.clock)
	switch {
	case err == nil:
		m.out.logf("instance %s from the metadata service", in.UUID)
	case errors.Is(err, os.ErrNotExist):
		m.out.logf("the metadata service knows nothing of us")
	default:
		m.out.logf("no metadata service: %v", err)
	}
	return in
}

func (m *machine) withAddress(ctx context.Context, in *instance) *instance {
	m.out.logf("instance %s from the config drive", in.UUID)
	select {
	case <-m.network.ready:
	case <-ctx.Done():
	}
	return in
}

// getty keeps a login prompt on a terminal.
func (m *machine) getty(ctx context.Context, tty string) {
	if _, err := os.Stat("/dev/" + tty); err != nil {
		return
	}
	for ctx.Err() == nil {
		cmd := exec.Command("/sbin/getty", "-L", "115200", tty, "vt100")
		cmd.Env = []string{"PATH=" + searchPath}
		cmd.SysProcAttr = &unixSession
		began := m.clock.Now()
		if _, err := m.procs.run(ctx, cmd); err != nil && ctx.Err() == nil {
			m.out.logf("login on %s: %v", tty, err)
		}
		if m.clock.Now().Sub(began) < time.Second {
			_ = m.clock.Sleep(ctx, gettyPause)
		}
	}
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "mockcloud"
	}
	return name
}
