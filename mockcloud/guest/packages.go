// SPDX-License-Identifier: MPL-2.0

package guest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// What the image is made of, besides our init. Neither is installed: both are downloaded and
// unpacked.
const (
	kernelMeta     = "linux-image-cloud-amd64"
	busyboxPackage = "busybox-static"
)

// ErrNoPackages says that apt does not offer the packages the image is made of: the system is none of
// Debian's, or its package lists were never fetched.
var ErrNoPackages = fmt.Errorf("apt does not offer %s and %s, which a Debian system with current package lists does (run: sudo apt-get update)",
	kernelMeta, busyboxPackage)

// deb is a package as apt would download it.
type deb struct {
	pkg  string // linux-image-6.1.0-56-cloud-amd64
	file string // linux-image-6.1.0-56-cloud-amd64_6.1.192-2_amd64.deb
}

// resolveDebs asks apt which kernel the meta package stands for, and which versions it would fetch.
// It reads apt's lists only; nothing is downloaded.
func resolveDebs(ctx context.Context) (kernel, busybox deb, err error) {
	out, err := command{name: "apt-cache", args: []string{"depends", kernelMeta}}.run(ctx)
	if err != nil {
		return deb{}, deb{}, noPackage(err)
	}
	name := parseKernelDependency(out)
	if name == "" {
		return deb{}, deb{}, noPackage(fmt.Errorf("%s depends on no kernel", kernelMeta))
	}
	out, err = command{name: "apt-get", args: []string{"download", "--print-uris", name, busyboxPackage}}.run(ctx)
	if err != nil {
		return deb{}, deb{}, noPackage(err)
	}
	files := parseURIs(out)
	kernel = deb{name, files[name]}
	busybox = deb{busyboxPackage, files[busyboxPackage]}
	if kernel.file == "" || busybox.file == "" {
		return deb{}, deb{}, noPackage(fmt.Errorf("apt knows no file for %s and %s", name, busyboxPackage))
	}
	return kernel, busybox, nil
}

func noPackage(err error) error { return fmt.Errorf("%w: %w", ErrNoPackages, err) }

// parseKernelDependency finds the kernel in the output of `apt-cache depends` of the meta package.
func parseKernelDependency(out []byte) string {
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		name, found := strings.CutPrefix(strings.TrimSpace(lines.Text()), "Depends: ")
		if found && strings.HasPrefix(name, "linux-image-") {
			return name
		}
	}
	return ""
}

// parseURIs maps packages to files in the output of `apt-get download --print-uris`: lines of
// 'URI' file size hash. The file is named package_version_architecture.deb.
func parseURIs(out []byte) map[string]string {
	files := map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 3 || !strings.HasSuffix(fields[1], ".deb") {
			continue
		}
		pkg, _, _ := strings.Cut(fields[1], "_")
		files[pkg] = filepath.Base(fields[1])
	}
	return files
}

// fetch puts the package's file into dir, unless it is there, and returns its path. apt checks the
// hash. The file appears under its name only when it is whole.
func (d deb) fetch(ctx context.Context, dir string) (string, error) {
	path := filepath.Join(dir, d.file)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return path, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	tmp, err := os.MkdirTemp(dir, "download-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	// The version is pinned, so that the file is the one that was resolved and keyed.
	if err := sh(ctx, tmp, "apt-get", "download", "-q", d.pkg+"="+d.version()); err != nil {
		return "", fmt.Errorf("download %s: %w", d.pkg, err)
	}
	return path, os.Rename(filepath.Join(tmp, d.file), path)
}

// version is the one in the file's name, where apt writes the colon of an epoch as %3a.
func (d deb) version() string {
	parts := strings.Split(d.file, "_")
	if len(parts) < 2 {
		return ""
	}
	return strings.ReplaceAll(parts[1], "%3a", ":")
}
