// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.ImageCacher = (*Host)(nil)

// CacheImage fetches the image and checks it, as Spawn would.
func (h *Host) CacheImage(ctx context.Context, image driver.Image) error {
	return h.opts.Images.use(ctx, image, func(base) error { return nil })
}

// held is what a base is to this process.
type held struct {
	users    int           // who make disks on it, or fetch it
	evicting chan struct{} // unless nil, it is being evicted; closed when that is over
	checked  *base         // nil until it has been
}

// use lends the image's base to do, which may make a disk on it; it is fetched first if need be. Until do returns
// the base is not evicted, and afterwards not while the disk is there.
func (c *Images) use(ctx context.Context, img driver.Image, do func(base) error) error {
	path, err := c.path(img)
	if err != nil {
		return err
	}
	if err := c.hold(ctx, path); err != nil {
		return err
	}
	defer c.release(path)
	b, err := c.get(ctx, img, path)
	if err != nil {
		return err
	}
	now := clock.Wall().Now()
	if err := ignoreAbsent(os.Chtimes(sealOf(path), now, now)); err != nil {
		return err
	}
	return do(b)
}

// path is where the image's base is, or is to be.
func (c *Images) path(img driver.Image) (string, error) {
	format, ok := formats[img.Format]
	if !ok {
		return "", fmt.Errorf("%w: disk format %q; convert it to qcow2 or raw", driver.ErrBadImage, img.Format)
	}
	if img.Checksum == "" {
		return "", fmt.Errorf("%w: it has no checksum", driver.ErrBadImage)
	}
	sum := sha256.Sum256([]byte(img.Checksum))
	return filepath.Join(c.dir, hex.EncodeToString(sum[:])+"."+format), nil
}

// hold keeps a base from being evicted until release; one that is being evicted is waited for.
func (c *Images) hold(ctx context.Context, path string) error {
	for {
		c.mu.Lock()
		b := c.bases[path]
		if b == nil {
			b = &held{}
			c.bases[path] = b
		}
		evicting := b.evicting
		if evicting == nil {
			b.users++
		}
		c.mu.Unlock()
		if evicting == nil {
			return nil
		}
		select {
		case <-evicting:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (c *Images) release(path string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bases[path].users--
}

// get returns the base that the caller holds; concurrent calls fetch it once.
func (c *Images) get(ctx context.Context, img driver.Image, path string) (base, error) {
	c.mu.Lock()
	checked := c.bases[path].checked
	c.mu.Unlock()
	if checked != nil {
		return *checked, nil
	}
	result := c.flight.DoChan(path, func() (any, error) {
		// Whoever asked first may give up; the others still wait for it. Open is bounded by its own.
		ctx := context.WithoutCancel(ctx)
		if err := c.hold(ctx, path); err != nil {
			return base{}, err
		}
		defer c.release(path)
		if err := c.fetch(ctx, img, path); err != nil {
			return base{}, err
		}
		b, err := c.info(ctx, path, formats[img.Format])
		if err == nil {
			c.mu.Lock()
			c.bases[path].checked = &b
			c.mu.Unlock()
		}
		return b, err
	})
	select {
	case r := <-result:
		return r.Val.(base), r.Err
	case <-ctx.Done():
		return base{}, context.Cause(ctx)
	}
}

// fetch writes the image to path unless it is there, whole: under another name, checked, and then renamed. Disks may
// lie on one that is not: the right content is what they need.
func (c *Images) fetch(ctx context.Context, img driver.Image, path string) error {
	if whole, err := intact(path, img.Checksum); whole || err != nil {
		return err
	}
	if err := c.makeRoom(ctx, c.dir, img.Size); err != nil {
		return err
	}
	from, err := img.Open(ctx)
	if err != nil {
		return fmt.Errorf("opening image %s: %w", img.ID, err)
	}
	defer from.Close()
	tmp, err := os.CreateTemp(c.dir, ".partial-*")
	if err != nil {
		return err
	}
	defer func() { _ = removeFile(tmp.Name()) }()
	err = copySum(tmp, from, img.Checksum)
	if err = errors.Join(err, tmp.Chmod(0o444), tmp.Close()); err != nil {
		return fmt.Errorf("image %s: %w", img.ID, full(err))
	}
	if formats[img.Format] == "qcow2" {
		if err := checkHeader(tmp.Name()); err != nil {
			return err
		}
	}
	if _, err := c.info(ctx, tmp.Name(), formats[img.Format]); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	return sealBase(path)
}

// seal is a base as it was when its content was last compared with the image's checksum. The file's own time is that
// of the base's last use.
type seal struct {
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
}

func sealOf(path string) string { return path + ".json" }

func sealBase(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return writeJSON(sealOf(path), seal{info.Size(), info.ModTime()})
}

// intact tells whether the base at path is there and has the right content. What nobody has written to since it was
// last compared is not read again.
func intact(path, checksum string) (bool, error) {
	info, err := os.Stat(path)
	if err != nil {
		return false, ignoreAbsent(err)
	}
	var was seal
	if readJSON(sealOf(path), &was) == nil && was.Size == info.Size() && was.Modified.Equal(info.ModTime()) {
		return true, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer file.Close()
	switch err := eachBlock(file, checksum, func([]byte) error { return nil }); {
	case errors.Is(err, driver.ErrBadImage):
		return false, nil
	case err != nil:
		return false, err
	}
	return true, sealBase(path)
}
