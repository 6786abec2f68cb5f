// SPDX-License-Identifier: MPL-2.0

package guest

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

// recipe is everything of the builder that shapes the image: the tree of the root file system, and
// the builder's own sources. Their hash is part of an image's name, so nobody has to remember to
// raise a version.
//
//go:embed rootfs cpio.go disk.go image.go modules.go rootfs.go
var recipe embed.FS

// keepImages is how many images stay in the cache: the current one and those of other checkouts.
const keepImages = 4

// Options says where and out of what to build. The zero value is complete.
type Options struct {
	// CacheDir keeps downloaded packages and finished images; by default mockcloud/guest in the
	// user's cache directory (os.UserCacheDir).
	CacheDir string
	// Source is the directory of this Go module, for the init to be compiled from; by default the
	// checkout that the running program was built from, or else what the module in the working
	// directory requires.
	Source string
	// Log receives a line per step of an actual build; by default nobody.
	Log io.Writer
}

// Image is Build with defaults for all but the cache directory, which may be empty.
func Image(ctx context.Context, cacheDir string) (string, error) {
	return Build(ctx, Options{CacheDir: cacheDir})
}

// Build returns the path of a bootable qcow2 image, mode 0444, made now unless the cache holds one
// of the same init, kernel, busybox and recipe. Concurrent builds, in any process, wait for each
// other and share the result; an image appears under its name only when it is whole.
//
// A *MissingPackagesError names the Debian packages that must be installed first.
func Build(ctx context.Context, o Options) (string, error) {
	if runtime.GOARCH != "amd64" {
		return "", fmt.Errorf("build guest image: it is made of amd64 packages, which a host of architecture %s does not run", runtime.GOARCH)
	}
	if err := Check(); err != nil {
		return "", err
	}
	path, err := o.build(ctx)
	if err != nil {
		return "", fmt.Errorf("build guest image: %w", err)
	}
	return path, nil
}

func (o Options) build(ctx context.Context) (string, error) {
	cache, err := o.cacheDir()
	if err != nil {
		return "", err
	}
	unlock, err := lock(ctx, clock.Wall(), filepath.Join(cache, "lock"))
	if err != nil {
		return "", err
	}
	defer unlock()

	in := ingredients{init: filepath.Join(cache, "init")}
	if err := o.compile(ctx, in.init); err != nil {
		return "", err
	}
	kernel, busybox, err := resolveDebs(ctx)
	if err != nil {
		return "", err
	}
	key, err := in.key(kernel.file, busybox.file)
	if err != nil {
		return "", err
	}
	image := filepath.Join(cache, "mockcloud-guest-"+key+".qcow2")
	if _, err := os.Stat(image); !errors.Is(err, fs.ErrNotExist) {
		return image, err
	}
	packages := filepath.Join(cache, "packages")
	o.logf("fetch %s and %s", kernel.file, busybox.file)
	if in.kernel, err = kernel.fetch(ctx, packages); err != nil {
		return "", err
	}
	if in.busybox, err = busybox.fetch(ctx, packages); err != nil {
		return "", err
	}
	o.logf("build %s", image)
	return image, in.publish(ctx, cache, image)
}

// publish cooks the image in a scratch directory and renames it into place.
func (in ingredients) publish(ctx context.Context, cache, image string) error {
	scratch, err := os.MkdirTemp(cache, "build-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	cooked := filepath.Join(scratch, "guest.qcow2")
	if err := in.cook(ctx, scratch, cooked); err != nil {
		return err
	}
	// Read-only, because a base that changes ruins every overlay on it.
	if err := os.Chmod(cooked, 0o444); err != nil { //nolint:gosec // there is no secret in it
		return err
	}
	if err := os.Rename(cooked, image); err != nil {
		return err
	}
	return prune(cache)
}

// prune removes all but the newest images of the cache.
func prune(cache string) error {
	images, err := filepath.Glob(filepath.Join(cache, "mockcloud-guest-*.qcow2"))
	if err != nil || len(images) <= keepImages {
		return err
	}
	for _, old := range newest(images)[keepImages:] {
		if err := os.Remove(old); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// key is the hash of everything that goes into the image: init, packages, recipe.
func (in ingredients) key(packages ...string) (string, error) {
	sum := sha256.New()
	program, err := os.Open(in.init)
	if err != nil {
		return "", err
	}
	defer program.Close()
	if _, err := io.Copy(sum, program); err != nil {
		return "", err
	}
	for _, name := range packages {
		fmt.Fprintf(sum, "\x00%s", name)
	}
	err = fs.WalkDir(recipe, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := recipe.ReadFile(name)
		fmt.Fprintf(sum, "\x00%s\x00%d\x00%s", name, len(data), data)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil))[:16], err
}

// cacheDir is the cache's directory, made if it is not there.
func (o Options) cacheDir() (string, error) {
	dir := o.CacheDir
	if dir == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("find a cache directory: %w", err)
		}
		dir = filepath.Join(base, "mockcloud", "guest")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return dir, os.MkdirAll(dir, 0o700)
}

func (o Options) logf(format string, args ...any) {
	if o.Log != nil {
		fmt.Fprintf(o.Log, format+"\n", args...)
	}
}
