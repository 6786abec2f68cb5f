// SPDX-License-Identifier: MPL-2.0

package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/glance"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/guest"
)

// offerGuest offers the guest image in a fresh cloud before anyone can ask for it. In one that has had an
// image it makes sure in the background that it is the newest: what runs there need not wait for that.
func (c *Cloud) offerGuest(ctx context.Context, image string) error {
	offered, err := os.ReadFile(c.guestNote())
	if errors.Is(err, fs.ErrNotExist) {
		return c.renewGuest(ctx, image, "")
	}
	if err != nil {
		return err
	}
	renewing, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := c.renewGuest(renewing, image, strings.TrimSpace(string(offered))); err != nil && renewing.Err() == nil {
			c.log.Warn("the guest image is the one of before", "error", err)
		}
	}()
	c.closers = append(c.closers, func() error {
		stop()
		<-done
		return nil
	})
	return nil
}

// guestNote is the file that tells the id of the guest image that was offered last.
func (c *Cloud) guestNote() string { return filepath.Join(c.dir, "guest-image") }

// guestImage is the file to offer, and a key that tells its content.
func guestImage(ctx context.Context, given string) (path, key string, err error) {
	if given == "" {
		path, err = guest.Image(ctx, "") // its name is made of what is in it
		return path, filepath.Base(path), err
	}
	info, err := os.Stat(given)
	if err != nil {
		return "", "", err
	}
	return given, fmt.Sprintf("%s:%d:%d", given, info.Size(), info.ModTime().UnixNano()), nil
}

// renewGuest registers the guest image for all projects, unless it is the one that was offered before,
// which otherwise makes room for it; servers made from that keep their disks. A machine that cannot
// build the image has a cloud all the same.
func (c *Cloud) renewGuest(ctx context.Context, image, before string) error {
	path, key, err := guestImage(ctx, image)
	if err != nil && ctx.Err() == nil {
		c.log.Warn("there is no guest image; mockcloud image add uploads another", "error", err)
		return nil
	}
	if err != nil {
		return err
	}
	id := uuid.NewSHA1(uuid.NameSpaceURL, []byte("mockcloud-guest:"+key)).String()
	if before == id {
		return nil // also when somebody has deleted it since: that was their wish
	}
	project, err := c.Keystone.ProjectID(ctx, "admin")
	if err != nil {
		return err
	}
	admin := glance.Caller{ProjectID: project, Admin: true}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if _, err = c.Glance.Ensure(ctx, admin, glance.Registration{
		ID: id, Name: mockcloud.GuestImage, Visibility: glance.Public, DiskFormat: "qcow2", MinRAM: 96,
		Properties: map[string]string{"hw_qemu_guest_agent": "yes"},
	}, file, info.Size()); err != nil {
		return fmt.Errorf("offer the guest image: %w", err)
	}
	if before != "" { // only now, so that there is always one
		if err := c.Glance.Delete(ctx, admin, before); err != nil {
			c.log.Info("the guest image of before stays", "error", err)
		}
	}
	return os.WriteFile(c.guestNote(), []byte(id+"\n"), 0o600)
}
