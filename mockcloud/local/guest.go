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
)

// offerGuest registers the guest image for all projects, unless it is there. One that an older
// mockcloud offered makes room for it; servers made from that keep their disks.
func (c *Cloud) offerGuest(ctx context.Context, path string) error {
	project, err := c.Keystone.ProjectID(ctx, "admin")
	if err != nil {
		return err
	}
	admin := glance.Caller{ProjectID: project, Admin: true}
	// The name of the file tells its content, so an id made of it does too.
	id := uuid.NewSHA1(uuid.NameSpaceURL, []byte("mockcloud-guest:"+filepath.Base(path))).String()
	note := filepath.Join(c.dir, "guest-image")
	offered, err := os.ReadFile(note)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if before := strings.TrimSpace(string(offered)); before == id {
		return nil // also when somebody has deleted it since: that was their wish
	} else if before != "" {
		if err := c.Glance.Delete(ctx, admin, before); err != nil {
			c.log.Info("the guest image of before stays: " + err.Error())
		}
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	_, err = c.Glance.Register(ctx, admin, glance.Registration{
		ID: id, Name: mockcloud.GuestImage, Visibility: glance.Public, DiskFormat: "qcow2", MinRAM: 96,
	}, file, info.Size())
	if err != nil {
		return fmt.Errorf("offer the guest image: %w", err)
	}
	return os.WriteFile(note, []byte(id+"\n"), 0o600)
}
