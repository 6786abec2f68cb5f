// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"slices"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// deletion is how a volume is to be deleted.
type deletion struct {
	cascade bool // with its snapshots
	force   bool // whatever its status
}

// deletable are the statuses that a volume may be deleted in.
var deletable = []string{Available, Failed, FailedRestoring, FailedExtending, "error_managing"}

func (s *Service) deleteVolume(c *api.Call) error {
	how := deletion{}
	given := c.Request.URL.Query()
	for _, f := range []struct {
		name  string
		to    *bool
		since api.Version
	}{{"cascade", &how.cascade, 0}, {"force", &how.force, forcesDelete}} {
		if !given.Has(f.name) || !c.Since(f.since) {
			continue
		}
		var b flag
		if err := b.Parse(given.Get(f.name)); err != nil {
			return invalidInput.because("Value '%s' for '%s' is not a boolean", given.Get(f.name), f.name)
		}
		*f.to = bool(b)
	}
	return s.change(c.Context(), c.Identity, func(o *op) error {
		v, err := o.volume(c.Var("id"))
		if err != nil {
			return err
		}
		if how.force {
			if err := o.authorize("volume:force_delete", v.ProjectID); err != nil {
				return err
			}
		}
		return o.deleteVolume(v, how)
	})
}

// deleteVolume begins to delete the volume.
func (o *op) deleteVolume(v *Volume, how deletion) error {
	if err := o.authorize("volume:delete", v.ProjectID); err != nil {
		return err
	}
	if err := o.notFrozen(); err != nil {
		return err
	}
	attachments, err := o.attachmentsOf(v.ID)
	if err != nil {
		return err
	}
	snapshots, err := snapshotTable.By(o.tx, "volume", v.ID)
	if err != nil {
		return err
	}
	held := slices.ContainsFunc(snapshots, func(s *Snapshot) bool {
		return !how.cascade || !how.force && (!slices.Contains([]string{Available, Failed, Deleting}, s.Status) || !o.sees(s.ProjectID))
	})
	if attached(attachments) || held || !how.force && !slices.Contains(deletable, v.Status) {
		must := ""
		if !how.force {
			must = "status must be " + strings.Join(deletable, " or ") + " and"
		}
		return invalidVolume.because("Volume %s must not be migrating, attached, belong to a group, have snapshots, awaiting a transfer, "+
			"or be disassociated from snapshots after volume transfer.", must)
	}
	for _, s := range snapshots {
		s.Status = Deleting
		if err := o.putSnapshot(s); err != nil {
			return err
		}
	}
	v.Status = Deleting
	o.begin(task{line: v.ID, volume: v.ID, status: Deleting})
	return o.putVolume(v)
}

// removeVolume deletes the record, with all that hangs on it.
func (o *op) removeVolume(v *Volume) error {
	attachments, err := o.attachmentsOf(v.ID)
	if err != nil {
		return err
	}
	for _, a := range attachments {
		if err := attachmentTable.Delete(o.tx, a.ID); err != nil {
			return err
		}
	}
	snapshots, err := snapshotTable.By(o.tx, "volume", v.ID)
	if err != nil {
		return err
	}
	for _, s := range snapshots {
		if err := snapshotTable.Delete(o.tx, s.ID); err != nil {
			return err
		}
	}
	transfers, err := transferTable.By(o.tx, "volume", v.ID)
	if err != nil {
		return err
	}
	for _, t := range transfers {
		if err := transferTable.Delete(o.tx, t.ID); err != nil {
			return err
		}
	}
	return volumeTable.Delete(o.tx, v.ID)
}
