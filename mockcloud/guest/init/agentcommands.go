// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// agentCommand is one command: what it does, and whether it may be used while the file systems are
// frozen (one that writes would hang until they are thawed).
type agentCommand struct {
	run         func(*agent, json.RawMessage) (any, error)
	whileFrozen bool
	silent      bool // no answer on success
}

// agentCommands is what the agent can do. It is a function because guest-info lists it.
func agentCommands() map[string]agentCommand {
	return map[string]agentCommand{
		"guest-sync":                   {run: (*agent).sync, whileFrozen: true},
		"guest-sync-delimited":         {run: (*agent).sync, whileFrozen: true},
		"guest-ping":                   {run: (*agent).ping, whileFrozen: true},
		"guest-info":                   {run: (*agent).info, whileFrozen: true},
		"guest-get-host-name":          {run: (*agent).hostName, whileFrozen: true},
		"guest-get-osinfo":             {run: (*agent).osInfo, whileFrozen: true},
		"guest-get-time":               {run: (*agent).time, whileFrozen: true},
		"guest-network-get-interfaces": {run: (*agent).interfaces, whileFrozen: true},
		"guest-fsfreeze-status":        {run: (*agent).freezeStatus, whileFrozen: true},
		"guest-fsfreeze-freeze":        {run: (*agent).freeze, whileFrozen: true},
		"guest-fsfreeze-thaw":          {run: (*agent).thaw, whileFrozen: true},
		"guest-set-user-password":      {run: (*agent).setPassword},
		"guest-shutdown":               {run: (*agent).shutdown, silent: true},
	}
}

// execute runs a request's command.
func (a *agent) execute(request agentRequest) (any, error) {
	command, known := agentCommands()[request.Execute]
	if !known {
		return nil, &agentError{"CommandNotFound", fmt.Sprintf("The command %s has not been found", request.Execute)}
	}
	if !command.whileFrozen && a.machine.freezer.count() > 0 {
		return nil, &agentError{"CommandNotFound", fmt.Sprintf("Command %s has been disabled: the agent is in frozen state", request.Execute)}
	}
	result, err := command.run(a, request.Arguments)
	if err == nil && command.silent {
		return nil, errNoReply
	}
	return result, err
}

// nothing is the empty object that a command without a result returns.
type nothing struct{}

func (a *agent) sync(arguments json.RawMessage) (any, error) {
	var want struct {
		ID json.Number `json:"id"`
	}
	if err := json.Unmarshal(arguments, &want); err != nil {
		return nil, err
	}
	return want.ID, nil
}

func (a *agent) ping(json.RawMessage) (any, error) { return nothing{}, nil }

// info lists what the agent can do.
func (a *agent) info(json.RawMessage) (any, error) {
	type command struct {
		Name    string `json:"name"`
		Enabled bool   `json:"enabled"`
		Success bool   `json:"success-response"`
	}
	commands := agentCommands()
	list := []command{}
	frozen := a.machine.freezer.count() > 0
	for _, name := range slices.Sorted(maps.Keys(commands)) {
		c := commands[name]
		list = append(list, command{name, c.whileFrozen || !frozen, !c.silent})
	}
	return map[string]any{"version": "7.2.0-mockcloud", "supported_commands": list}, nil
}

func (a *agent) hostName(json.RawMessage) (any, error) {
	return map[string]string{"host-name": hostname()}, nil
}

// osInfo is GuestOSInfo, of the kernel and of /etc/os-release.
func (a *agent) osInfo(json.RawMessage) (any, error) {
	var kernel unix.Utsname
	if err := unix.Uname(&kernel); err != nil {
		return nil, err
	}
	info := map[string]string{
		"kernel-release": unix.ByteSliceToString(kernel.Release[:]), "kernel-version": unix.ByteSliceToString(kernel.Version[:]),
		"machine": unix.ByteSliceToString(kernel.Machine[:]),
	}
	release, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(release)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		as := map[string]string{"ID": "id", "NAME": "name", "PRETTY_NAME": "pretty-name", "VERSION": "version", "VERSION_ID": "version-id"}[name]
		if as != "" {
			info[as] = strings.Trim(value, `"`)
		}
	}
	return info, nil
}

// time is in nanoseconds since 1970.
func (a *agent) time(json.RawMessage) (any, error) { return a.machine.clock.Now().UnixNano(), nil }

// setPassword sets a user's password; it comes in base64.
func (a *agent) setPassword(arguments json.RawMessage) (any, error) {
	var want struct {
		Username string `json:"username"`
		Password string `json:"password"`
		Crypted  bool   `json:"crypted"`
	}
	if err := json.Unmarshal(arguments, &want); err != nil {
		return nil, err
	}
	password, err := base64.StdEncoding.DecodeString(want.Password)
	if err != nil {
		return nil, fmt.Errorf("password: %w", err)
	}
	if err := a.machine.accounts.setPassword(want.Username, string(password), want.Crypted); err != nil {
		return nil, err
	}
	return nothing{}, nil
}

// shutdown ends the machine, by default without power.
func (a *agent) shutdown(arguments json.RawMessage) (any, error) {
	want := struct {
		Mode string `json:"mode"`
	}{"powerdown"}
	if len(arguments) > 0 {
		if err := json.Unmarshal(arguments, &want); err != nil {
			return nil, err
		}
	}
	how, known := map[string]ending{"powerdown": powerOff, "halt": halt, "reboot": reboot}[want.Mode]
	if !known {
		return nil, fmt.Errorf("mode is invalid (valid values are: halt|powerdown|reboot): %q", want.Mode)
	}
	a.machine.finish(how)
	return nil, nil
}

func (a *agent) freezeStatus(json.RawMessage) (any, error) {
	if a.machine.freezer.count() > 0 {
		return "frozen", nil
	}
	return "thawed", nil
}

func (a *agent) freeze(json.RawMessage) (any, error) { return a.machine.freezer.freeze() }

func (a *agent) thaw(json.RawMessage) (any, error) { return a.machine.freezer.thaw() }

// agentInterface is GuestNetworkInterface.
type agentInterface struct {
	Name      string         `json:"name"`
	Hardware  string         `json:"hardware-address,omitempty"`
	Addresses []agentAddress `json:"ip-addresses"`
}

type agentAddress struct {
	Address string `json:"ip-address"`
	Type    string `json:"ip-address-type"`
	Prefix  int    `json:"prefix"`
}

func (a *agent) interfaces(json.RawMessage) (any, error) {
	links, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	out := []agentInterface{}
	for _, link := range links {
		entry := agentInterface{Name: link.Name, Hardware: link.HardwareAddr.String(), Addresses: []agentAddress{}}
		addresses, err := link.Addrs()
		if err != nil {
			return nil, err
		}
		for _, address := range addresses {
			if ip, ok := address.(*net.IPNet); ok {
				entry.Addresses = append(entry.Addresses, describe(ip))
			}
		}
		out = append(out, entry)
	}
	return out, nil
}

func describe(ip *net.IPNet) agentAddress {
	prefix, _ := ip.Mask.Size()
	kind := "ipv4"
	if ip.IP.To4() == nil {
		kind = "ipv6"
	}
	return agentAddress{ip.IP.String(), kind, prefix}
}

// The ioctls of linux/fs.h that x/sys does not name.
const (
	fiFreeze = 0xc0045877
	fiThaw   = 0xc0045878
)

// freezer stops and resumes the root file system, for a consistent snapshot.
type freezer struct {
	mu     sync.Mutex
	target string
	frozen bool
}

// count is how many file systems are frozen, 0 or 1.
func (f *freezer) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.frozen {
		return 1
	}
	return 0
}

// freeze returns how many file systems it has frozen; none if they are frozen.
func (f *freezer) freeze() (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.frozen {
		return 0, errors.New("the file systems are frozen already")
	}
	if err := f.ioctl(fiFreeze); err != nil {
		return 0, fmt.Errorf("freeze %s: %w", f.target, err)
	}
	f.frozen = true
	return 1, nil
}

// thaw returns how many file systems it has thawed.
func (f *freezer) thaw() (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.frozen {
		return 0, nil
	}
	if err := f.ioctl(fiThaw); err != nil {
		return 0, fmt.Errorf("thaw %s: %w", f.target, err)
	}
	f.frozen = false
	return 1, nil
}

func (f *freezer) thawIfFrozen() { _, _ = f.thaw() }

func (f *freezer) ioctl(request uint) error {
	dir, err := os.Open(f.target)
	if err != nil {
		return err
	}
	defer dir.Close()
	return unix.IoctlSetInt(int(dir.Fd()), request, 0)
}
