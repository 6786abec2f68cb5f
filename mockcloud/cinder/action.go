// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"net/http"
	"slices"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

func (s *Service) volumeActions() []api.Route {
	const path = "/volumes/{id}/action"
	return []api.Route{
		api.Action(path, "os-attach", s.attach),
		api.Action(path, "os-detach", s.detach),
		api.Action(path, "os-force_detach", s.forceDetach),
		api.Action(path, "os-reserve", s.reserve),
		api.Action(path, "os-unreserve", s.unreserve),
		api.Action(path, "os-begin_detaching", s.beginDetaching),
		api.Action(path, "os-roll_detaching", s.rollDetaching),
		api.Action(path, "os-initialize_connection", s.initializeConnection).Code(http.StatusOK),
		api.Action(path, "os-terminate_connection", s.terminateConnection),
		api.Action(path, "os-extend", s.extend),
		api.Action(path, "os-retype", s.retype),
		api.Action(path, "os-set_bootable", s.setBootable).Code(http.StatusOK),
		api.Action(path, "os-update_readonly_flag", s.updateReadOnly),
		api.Action(path, "os-volume_upload_image", s.uploadImage),
		api.Action(path, "os-reimage", s.reimage).Only("3.68-"),
		api.Action(path, "os-reset_status", s.resetVolume),
		api.Action(path, "os-force_delete", s.forceDeleteVolume),
		api.Action(path, "os-migrate_volume_completion", s.completeMigration).Code(http.StatusOK),
		api.Action(path, "revert", s.revertVolume).Only("3.40-"),
	}
}

// onVolume serves an action that has no answer.
func (s *Service) onVolume(c *api.Call, rule string, do func(*op, *Volume) error) (api.None, error) {
	return api.None{}, s.change(c.Context(), c.Identity, func(o *op) error {
		v, err := o.ownVolume(rule, c.Var("id"))
		if err != nil {
			return err
		}
		v.RequestID = c.RequestID
		return do(o, v)
	})
}

type extendBody struct {
	Size api.Natural `json:"new_size" need:"3.0-" range:"1-2147483647"`
}

func (s *Service) extend(c *api.Call, in *extendBody) (api.None, error) {
	return s.onVolume(c, "volume:extend", func(o *op, v *Volume) error {
		size, from := int(in.Size), Available
		if v.Status == InUse && c.Since(extendsInUse) {
			from = InUse
			if err := o.authorize("volume:extend_attached_volume", v.ProjectID); err != nil {
				return err
			}
		}
		if size <= v.Size {
			return invalidInput.because("New size for extend must be greater than current size. (current: %d, extended: %d).", v.Size, size)
		}
		t, err := typeTable.Get(o.tx, v.TypeID)
		if err == nil {
			err = t.takes(size)
		}
		if err != nil {
			return err
		}
		if v.Status != from {
			return invalidVolume.because("Volume %s status must be '{'status': '%s'}' to extend, currently %s.", v.ID, from, v.Status)
		}
		if err := o.reserveGrowth(v, size); err != nil {
			return err
		}
		v.NewSize = size
		return o.beginTask(v, Extending)
	})
}

// beginTask gives the volume a status that has a task, after which it may return to the present one.
func (o *op) beginTask(v *Volume, status string) error {
	v.PreviousStatus, v.Status = v.Status, status
	o.begin(task{line: v.ID, volume: v.ID, status: status})
	return o.putVolume(v)
}

type retypeBody struct {
	Type   string          `json:"new_type" need:"3.0-"`
	Policy api.Opt[string] `json:"migration_policy" null:"ok" oneof:"on-demand never"`
}

func (s *Service) retype(c *api.Call, in *retypeBody) (api.None, error) {
	return s.onVolume(c, "volume:retype", func(o *op, v *Volume) error {
		t, err := o.typeNamed(in.Type)
		if err != nil {
			return err
		}
		if err := t.takes(v.Size); err != nil {
			return err
		}
		switch {
		case t.multiattach() != v.Multiattach && v.Status != Available:
			return invalidInput.because("Invalid volume_type passed, retypes affecting multiattach are only allowed on available volumes, "+
				"the specified volume however currently has a status of: %s.", v.Status)
		case t.multiattach() && t.Encryption != nil:
			return invalidInput.of("Retype requested both encryption and multi-attach, which is not supported.")
		case v.Status != Available && v.Status != InUse, t.ID == v.TypeID:
			return invalidVolume.of("Retype needs volume to be in available or in-use state, not be part of an active migration or a consistency " +
				"group, requested type has to be different that the one from the volume, and for in-use volumes front-end qos specs cannot change.")
		}
		passed, err := o.exceeds(v.ProjectID, map[string]int{"volumes_" + t.Name: 1, "gigabytes_" + t.Name: v.Size})
		if err != nil {
			return err
		}
		if passed != nil {
			return passed.refusal(v.Size)
		}
		v.NewTypeID = t.ID
		return o.beginTask(v, Retyping)
	})
}

type bootableBody struct {
	Bootable flag `json:"bootable" need:"3.0-"`
}

func (s *Service) setBootable(c *api.Call, in *bootableBody) (api.None, error) {
	return s.onVolume(c, "volume:update", func(o *op, v *Volume) error {
		if v.Status == Maintenance {
			return invalidVolume.of("The volume cannot be updated during maintenance.")
		}
		v.Bootable = bool(in.Bootable)
		return o.putVolume(v)
	})
}

type readOnlyBody struct {
	ReadOnly flag `json:"readonly" need:"3.0-"`
}

func (s *Service) updateReadOnly(c *api.Call, in *readOnlyBody) (api.None, error) {
	return s.onVolume(c, "volume:update_readonly_flag", func(o *op, v *Volume) error {
		if v.Status != Available {
			return invalidVolume.because("Volume %s status must be available to update readonly flag, but current status is: %s.", v.ID, v.Status)
		}
		is := bool(in.ReadOnly)
		v.ReadOnly = &is
		return o.putVolume(v)
	})
}

type revertBody struct {
	SnapshotID api.Opt[string] `json:"snapshot_id" null:"ok"`
	Rest       map[string]any  `json:"*"`
}

func (s *Service) revertVolume(c *api.Call, in *revertBody) (api.None, error) {
	return s.onVolume(c, "volume:revert_to_snapshot", func(o *op, v *Volume) error {
		all, err := snapshotTable.By(o.tx, "volume", v.ID)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return badRequest.because("Volume %s doesn't have any snapshots.", v.ID)
		}
		latest := slices.MaxFunc(all, func(a, b *Snapshot) int { return a.CreatedAt.Compare(b.CreatedAt) })
		switch {
		case latest.ID != in.SnapshotID.Value:
			return badRequest.because("Specified snapshot %s is None or not the latest one of volume %s.", in.SnapshotID.Value, v.ID)
		case latest.Size != v.Size:
			return badRequest.because("Can't revert volume %s to its latest snapshot %s. The volume size must be equal to the snapshot size.",
				v.ID, latest.ID)
		case v.Status != Available:
			return conflict.because("Invalid volume: Can't revert volume %s to its latest snapshot %s. Volume's status must be 'available'.",
				v.ID, latest.ID)
		case latest.Status != Available:
			return conflict.because("Invalid snapshot: Can't revert volume %s to its latest snapshot %s. Snapshot's status must be 'available'.",
				v.ID, latest.ID)
		}
		latest.Status, v.RevertTo = Restoring, latest.ID
		if err := o.putSnapshot(latest); err != nil {
			return err
		}
		return o.beginTask(v, Reverting)
	})
}

type resetBody struct {
	Status          api.Opt[string] `json:"status"           null:"ok" format:"volume_status"`
	AttachStatus    api.Opt[string] `json:"attach_status"    null:"ok" format:"volume_attach_status"`
	MigrationStatus api.Opt[string] `json:"migration_status" null:"ok" format:"volume_migration_status"`
}

func (s *Service) resetVolume(c *api.Call, in *resetBody) (api.None, error) {
	status, attach := strings.ToLower(in.Status.Value), strings.ToLower(in.AttachStatus.Value)
	migration := strings.ToLower(in.MigrationStatus.Value)
	if status+attach+migration == "" {
		return api.None{}, badRequest.of("Must specify 'status', 'attach_status' or 'migration_status' for update.")
	}
	return s.onVolume(c, "volume_extension:volume_admin_actions:reset_status", func(o *op, v *Volume) error {
		if slices.Contains([]string{Deleting, FailedDeleting, Detaching}, status) {
			return badRequest.because("Cannot reset-state to %s", status)
		}
		attachments, err := o.attachmentsOf(v.ID)
		if err != nil {
			return err
		}
		if status == InUse && len(attachments) == 0 {
			return badRequest.of("Cannot reset-state to in-use because volume does not have any attachments.")
		}
		if status != "" {
			v.Status = status
		}
		if migration != "" {
			v.MigrationStatus = &migration
		}
		if migration == "none" {
			v.MigrationStatus = nil
		}
		for _, a := range attachments {
			if attach == Detached {
				if err := attachmentTable.Delete(o.tx, a.ID); err != nil {
					return err
				}
			}
		}
		return o.putVolume(v)
	})
}

func (s *Service) forceDeleteVolume(c *api.Call, _ *api.None) (api.None, error) {
	return s.onVolume(c, "volume_extension:volume_admin_actions:force_delete", func(o *op, v *Volume) error {
		return o.deleteVolume(v, deletion{force: true})
	})
}
