// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// State that outlives a boot. A snapshot carries it along, but a server made from the snapshot has
// another UUID, so it is set up anew.
const (
	stateDir     = "var/lib/mockcloud-guest"
	instanceFile = stateDir + "/instance-id" // set up for this instance
	scriptsFile  = stateDir + "/scripts-run" // its scripts were started
	scriptsDir   = stateDir + "/scripts"
)

// provisioner sets the machine up as the cloud asks, once per instance.
type provisioner struct {
	root     string // "/" but for tests
	out      *console
	accounts *accounts
	procs    *processes
	// tellKernel is sethostname(2): a test has no business with that of its host.
	tellKernel func(hostname []byte) error
}

// isNew reports whether this instance has not been set up on this disk.
func (p *provisioner) isNew(in *instance, file string) bool {
	data, err := os.ReadFile(filepath.Join(p.root, file))
	return err != nil || strings.TrimSpace(string(data)) != in.UUID
}

func (p *provisioner) remember(in *instance, file string) error {
	path := filepath.Join(p.root, file)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return replaceFile(path, []byte(in.UUID+"\n"), 0o600)
}

// setup does all that must be done before anybody logs in, and returns the scripts that come after.
// Something that fails is said on the console and does not stop the rest.
func (p *provisioner) setup(in *instance) (scripts [][]byte) {
	data := parseUserData(in.userData)
	p.say(data.notes)
	merged := &cloudConfig{hostname: in.shortHostname(), keys: sortedValues(in.Keys)}
	if in.AdminPass != "" {
		merged.passwords = []passwordChange{{"root", in.AdminPass, false}}
	}
	for _, document := range data.configs {
		config, err := parseCloudConfig(document)
		if err != nil {
			p.out.logf("%v", err)
			continue
		}
		p.say(config.notes)
		merged.merge(config)
	}
	in.ownPassword(merged)
	merged.files = append(in.files, merged.files...)
	if err := p.configure(merged); err != nil {
		p.out.logf("%v", err)
	}
	if err := p.remember(in, instanceFile); err != nil {
		p.out.logf("%v", err)
	}
	if len(merged.commands) > 0 {
		scripts = append(scripts, []byte("#!/bin/sh\n"+strings.Join(merged.commands, "\n")+"\n"))
	}
	return append(scripts, data.scripts...)
}

// merge adds what another document asks for.
func (c *cloudConfig) merge(other *cloudConfig) {
	if other.hostname != "" {
		c.hostname = other.hostname
	}
	c.keys = append(c.keys, other.keys...)
	c.passwords = append(c.passwords, other.passwords...)
	c.files = append(c.files, other.files...)
	c.commands = append(c.commands, other.commands...)
}

func (p *provisioner) say(notes []string) {
	for _, note := range notes {
		p.out.logf("%s", note)
	}
}

func (p *provisioner) configure(c *cloudConfig) error {
	var errs []error
	if c.hostname != "" {
		errs = append(errs, p.setHostname(c.hostname))
	}
	refused, err := p.accounts.authorize("root", c.keys)
	errs = append(errs, err)
	for _, key := range refused {
		p.out.logf("no SSH public key, ignored: %.40q", key)
	}
	for _, change := range c.passwords {
		if err := p.accounts.setPassword(change.user, change.password, change.hashed); err != nil {
			errs = append(errs, fmt.Errorf("password of %s: %w", change.user, err))
		}
	}
	for _, file := range c.files {
		if err := p.write(file); err != nil {
			errs = append(errs, fmt.Errorf("write_files: %s: %w", file.Path, err))
		}
	}
	return errors.Join(errs...)
}

// setHostname writes /etc/hostname and its line of /etc/hosts, and tells the kernel.
func (p *provisioner) setHostname(name string) error {
	if !validHostname(name) {
		return fmt.Errorf("hostname %q is none, it is ignored", name)
	}
	hosts := filepath.Join(p.root, "etc/hosts")
	old, err := os.ReadFile(hosts)
	if err != nil {
		return err
	}
	return errors.Join(
		replaceFile(filepath.Join(p.root, "etc/hostname"), []byte(name+"\n"), 0o644),
		replaceFile(hosts, editHosts(old, name), 0o644),
		p.tellKernel([]byte(name)),
	)
}

// validHostname is what RFC 1123 allows, and one label at least.
func validHostname(name string) bool {
	if name == "" || len(name) > 64 || strings.HasPrefix(name, "-") || strings.HasPrefix(name, ".") {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.'
	})
}

// editHosts names the machine in the line of 127.0.1.1, as Debian does.
func editHosts(hosts []byte, name string) []byte {
	const own = "127.0.1.1"
	var lines []string
	for line := range strings.Lines(string(hosts)) {
		if !strings.HasPrefix(line, own) {
			lines = append(lines, line)
		}
	}
	return []byte(strings.Join(lines, "") + own + "\t" + name + "\n")
}

// write does one entry of write_files.
func (p *provisioner) write(f writeFile) error {
	if !filepath.IsAbs(f.Path) {
		return errors.New("the path has to be absolute")
	}
	content, err := f.content()
	if err != nil {
		return err
	}
	mode, err := f.mode()
	if err != nil {
		return err
	}
	if f.Owner != "" && f.Owner != "root" && f.Owner != "root:root" {
		p.out.logf("write_files: %s: owner %s is not supported, it is root's", f.Path, f.Owner)
	}
	path := filepath.Join(p.root, f.Path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if f.Append {
		old, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		content = append(old, content...)
	}
	return replaceFile(path, content, fs.FileMode(mode)&fs.ModePerm)
}

// runScripts runs the scripts of a new instance, their output on the console. They are marked as run
// before they start: a script that reboots the machine is not to do so for ever.
func (p *provisioner) runScripts(ctx context.Context, in *instance, scripts [][]byte) error {
	if err := p.remember(in, scriptsFile); err != nil {
		return err
	}
	if len(scripts) == 0 {
		return nil
	}
	dir := filepath.Join(p.root, scriptsDir)
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for i, script := range scripts {
		path := filepath.Join(dir, fmt.Sprintf("%02d", i))
		if err := os.WriteFile(path, script, 0o700); err != nil {
			return err
		}
		code, err := p.runScript(ctx, path)
		if err != nil {
			return fmt.Errorf("user data script %d: %w", i+1, err)
		}
		p.out.logf("user data script %d of %d ended with status %d", i+1, len(scripts), code)
	}
	return nil
}

func (p *provisioner) runScript(ctx context.Context, path string) (int, error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return 0, err
	}
	defer null.Close()
	cmd := exec.Command(path)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=" + searchPath, "HOME=/root", "USER=root", "LOGNAME=root", "SHELL=/bin/sh"}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = null, os.Stdout, os.Stderr
	cmd.SysProcAttr = &unixSession
	return p.procs.run(ctx, cmd)
}

func sortedValues(m map[string]string) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	values := make([]string, len(names))
	for i, name := range names {
		values[i] = m[name]
	}
	return values
}
