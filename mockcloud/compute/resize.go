// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Resizing is what resize asks for.
type Resizing struct {
	Flavor     Flavor
	DiskConfig DiskConfig // "" is MANUAL
}

// Resize begins to give a server another flavor, on another host. It then waits to be confirmed or
// reverted.
func (m *Manager) Resize(ctx context.Context, caller Caller, id string, want Resizing) error {
	r := &relocation{kind: ResizeMigration, flavor: want.Flavor}
	op, err := m.acceptIf(ctx, caller, id, r.action("resize"), func(tx store.Tx, inst *Instance) error {
		if err := m.checkSource(tx, inst); err != nil {
			return err
		}
		if err := checkDiskConfig(inst, want.DiskConfig); err != nil {
			return err
		}
		if err := checkNewFlavor(inst, want.Flavor); err != nil {
			return err
		}
		if err := m.chargeUpsize(tx, caller, inst, inst.Flavor, want.Flavor); err != nil {
			return err
		}
		if err := checkFlavorForImage(inst, want.Flavor); err != nil {
			return err
		}
		inst.DiskConfig = DiskConfig(or(string(want.DiskConfig), string(DiskManual)))
		return nil
	})
	if err != nil {
		return err
	}
	return m.launch(op)
}

// Migrate begins to move a server that is off, or is powered off for it, to another host: to the one that
// is named (since 2.56), if any. It then waits like a resized one.
func (m *Manager) Migrate(ctx context.Context, caller Caller, id, host string) error {
	r := &relocation{kind: ColdMigration, host: host}
	op, err := m.acceptIf(ctx, caller, id, r.action("migrate"), func(tx store.Tx, inst *Instance) error {
		if err := m.checkSource(tx, inst); err != nil {
			return err
		}
		r.flavor = inst.Flavor
		if host == "" {
			return nil
		}
		if host == inst.Host {
			return refuse(BadRequest, "Cannot migrate to the host where the server exists.")
		}
		return hostExists(tx, host)
	})
	if err != nil {
		return err
	}
	return m.launch(op)
}

// checkSource refuses when the instance's host does not answer.
func (m *Manager) checkSource(tx store.Tx, inst *Instance) error {
	up, err := m.hostUp(tx, inst.Host)
	if err == nil && !up {
		err = refuse(Conflict, "Service is unavailable at this time.")
	}
	return err
}

func checkDiskConfig(inst *Instance, wanted DiskConfig) error {
	if wanted == DiskAuto && strings.EqualFold(inst.ImageProperties["auto_disk_config"], "disabled") {
		return refuse(BadRequest, "Requested image %s has automatic disk resize disabled.", inst.ImageID)
	}
	return nil
}

// checkNewFlavor refuses flavors that no server of the instance's flavor can have.
func checkNewFlavor(inst *Instance, flavor Flavor) error {
	same := flavor.ID == inst.Flavor.ID && flavor.Number == inst.Flavor.Number
	switch {
	case flavor.RootGiB == 0 && inst.Flavor.RootGiB != 0 && !inst.VolumeBacked():
		return refuse(BadRequest, "Server disk was unable to be resized because: Resize to zero disk flavor is not allowed.")
	case !same && flavor.Disabled:
		return refuse(BadRequest, "Flavor %s could not be found.", flavor.ID)
	case same:
		return refuse(BadRequest, "When resizing, instances must change flavor!")
	}
	return nil
}

// checkFlavorForImage refuses flavors that are too small for the image that the instance was made of.
func checkFlavorForImage(inst *Instance, flavor Flavor) error {
	root, least := int64(flavor.RootGiB)*gib, int64(inst.ImageMinDisk)*gib
	switch {
	case flavor.MemoryMiB < inst.ImageMinRAM:
		return refuse(BadRequest, "Flavor's memory is too small for requested image.")
	case root != 0 && least > root && !inst.VolumeBacked():
		return refuse(BadRequest, "Flavor's disk is smaller than the minimum size specified in image metadata. "+
			"Flavor disk is %d bytes, minimum size is %d bytes.", root, least)
	}
	return nil
}

// chargeUpsize takes what the larger flavor needs from the quota of the instance's project, until allocate says what
// the instance has. *QuotaExceeded when there is not as much left.
func (m *Manager) chargeUpsize(tx store.Tx, caller Caller, inst *Instance, from, to Flavor) error {
	more := Claim{VCPUs: max(0, to.VCPUs-from.VCPUs), MemoryMiB: max(0, to.MemoryMiB-from.MemoryMiB)}
	if more == (Claim{}) {
		return nil
	}
	caller.ProjectID, caller.UserID = inst.ProjectID, inst.UserID
	scopes, err := m.scopes(tx, caller)
	if err != nil {
		return err
	}
	each := map[Resource]int{QuotaCores: more.VCPUs, QuotaRAM: more.MemoryMiB}
	for _, s := range scopes {
		for r, wanted := range each {
			if left, limited := s.headroom(r); limited && wanted > 0 && wanted > left {
				return s.tooMany(each, 0, 1)
			}
		}
	}
	return reserve(tx, inst.ID, more)
}

// ResizeError: the host cannot make the disks what the flavor wants.
type ResizeError struct{ Reason string }

func (e *ResizeError) Error() string { return "Resize error: " + e.Reason }

// checkDisks refuses to make disks smaller: their content would be lost.
func checkDisks(inst *Instance, flavor Flavor) error {
	rootDown := flavor.RootGiB < inst.Flavor.RootGiB && !inst.VolumeBacked()
	if rootDown || flavor.EphemeralGiB < inst.Flavor.EphemeralGiB {
		return &ResizeError{Reason: "Unable to resize disk down."}
	}
	return nil
}
