// SPDX-License-Identifier: MPL-2.0

package guest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// requirement is a Debian package and a file or program by which we see that it is here.
type requirement struct {
	pkg, program, file string
}

// Where Debian's syslinux-common keeps the boot sector.
const mbrCode = "/usr/lib/syslinux/mbr/mbr.bin"

// requirements are packages of the main section of Debian 12, sorted; apt and dpkg are among them because
// other systems lack them.
var requirements = []requirement{
	{pkg: "apt", program: "apt-get"},
	{pkg: "dpkg", program: "dpkg-deb"},
	{pkg: "e2fsprogs", program: "mke2fs"},
	{pkg: "mtools", program: "mcopy"},
	{pkg: "qemu-utils", program: "qemu-img"},
	{pkg: "syslinux", program: "syslinux"},
	{pkg: "syslinux-common", file: mbrCode},
}

// MissingPackagesError lists the packages that must be installed before an image can be built.
type MissingPackagesError struct {
	Packages []string
}

// Error is one sentence with the command that helps.
func (e *MissingPackagesError) Error() string {
	return fmt.Sprintf("building the guest image needs packages that are not installed; run: sudo apt-get install --no-install-recommends -y %s",
		strings.Join(e.Packages, " "))
}

// Check returns a *MissingPackagesError when Build would lack a tool.
func Check() error {
	var missing []string
	for _, r := range requirements {
		if !r.met() {
			missing = append(missing, r.pkg)
		}
	}
	if missing == nil {
		return nil
	}
	slices.Sort(missing)
	return &MissingPackagesError{Packages: missing}
}

func (r requirement) met() bool {
	if r.file != "" {
		_, err := os.Stat(r.file)
		return !errors.Is(err, fs.ErrNotExist)
	}
	return program(r.program) != ""
}

// program finds a tool on PATH or in the sbin directories, which are not on a user's PATH.
func program(name string) string {
	for _, candidate := range []string{name, "/usr/sbin/" + name, "/sbin/" + name} {
		if path, err := exec.LookPath(candidate); err == nil {
			return path
		}
	}
	return ""
}

// command is a tool to run: in dir, with env added to ours.
type command struct {
	dir  string
	env  []string
	name string
	args []string
}

// run runs the tool and returns what it wrote to stdout. Its error carries the command line and the
// end of stderr.
func (c command) run(ctx context.Context) ([]byte, error) {
	path := program(c.name)
	if path == "" {
		return nil, fmt.Errorf("%s: %w", c.name, exec.ErrNotFound)
	}
	cmd := exec.CommandContext(ctx, path, c.args...)
	cmd.Dir = c.dir
	cmd.Env = append(append(os.Environ(), "LC_ALL=C"), c.env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		text := strings.TrimSpace(stderr.String())
		return nil, fmt.Errorf("%s %s: %w: %s", c.name, strings.Join(c.args, " "), err, text[max(0, len(text)-500):])
	}
	return stdout.Bytes(), nil
}

// sh is the usual case: a tool, run in dir, whose output nobody reads.
func sh(ctx context.Context, dir, name string, args ...string) error {
	_, err := command{dir: dir, name: name, args: args}.run(ctx)
	return err
}
