// SPDX-License-Identifier: MPL-2.0

package drivertest

import (
	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// shares holds for drivers that can mount shares.
func shares(h *host) {
	able, ok := h.Driver.(driver.ShareMounter)
	if !ok {
		h.Skip("the driver mounts no shares")
	}
	id := h.spawn()
	share := driver.Share{ID: uuid.NewString(), Tag: "data", Protocol: "NFS", Location: "192.0.2.1:/data"}
	h.must(h.Stop(h.ctx, id, 0), "Stop")
	h.must(able.MountShare(h.ctx, id, share), "MountShare")
	h.must(able.MountShare(h.ctx, id, share), "MountShare again")
	h.must(h.Start(h.ctx, id), "Start with a share")
	h.must(h.Stop(h.ctx, id, 0), "Stop with a share")
	h.must(able.UnmountShare(h.ctx, id, share.Tag), "UnmountShare")
	h.wantErr(able.UnmountShare(h.ctx, id, share.Tag), driver.ErrNoDevice, "UnmountShare again")
	h.wantErr(able.MountShare(h.ctx, uuid.NewString(), share), driver.ErrNotFound, "MountShare on no machine")
}
