// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

// volumes is a block storage service that does everything at once.
type volumes struct {
	mu          sync.Mutex
	of          map[string]*compute.Volume
	attachments map[string]attachment
	// fail says how the method of that name fails.
	fail map[string]error
	// around, unless nil, stands around every method.
	around func(what string, call func() error) error
	// made gives new volumes another status than available.
	made string
}

type attachment struct{ volume, instance, host string }

func newVolumes(ids ...string) *volumes {
	v := &volumes{of: map[string]*compute.Volume{}, attachments: map[string]attachment{}, fail: map[string]error{}, made: "available"}
	for _, id := range ids {
		v.of[id] = &compute.Volume{
			ID: id, Status: "available", GiB: 2, Bootable: true,
			ImageMetadata: map[string]string{"hw_disk_bus": "scsi", "min_ram": "64", "image_name": "cirros"},
		}
	}
	return v
}

// withVolumes is a cloud with those volumes.
func withVolumes(tb testing.TB, ids ...string) (*cloud, *volumes) {
	tb.Helper()
	v := newVolumes(ids...)
	dir := tb.TempDir()
	return start(tb, func(c *compute.Config, o *sim.Options) { c.Volumes, o.Dir = v, dir }), v
}

func (v *volumes) do(method string, do func() error) error {
	if v.around != nil {
		return v.around("volumes' "+method, func() error { return v.doNow(method, do) })
	}
	return v.doNow(method, do)
}

func (v *volumes) doNow(method string, do func() error) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.fail[method]; err != nil {
		return err
	}
	return do()
}

func refusal(kind compute.Kind, format string, args ...any) error {
	return &compute.Refusal{Reason: kind, Message: fmt.Sprintf(format, args...)}
}

func (v *volumes) find(id string) (*compute.Volume, error) {
	if volume := v.of[id]; volume != nil {
		return volume, nil
	}
	return nil, refusal(compute.NotFound, "no volume %s", id)
}

func (v *volumes) Volume(_ context.Context, _ compute.Caller, id string) (found *compute.Volume, err error) {
	err = v.do("Volume", func() error {
		volume, err := v.find(id)
		if err != nil {
			return err
		}
		copied := *volume
		for _, a := range v.attachments {
			if a.volume == id {
				copied.AttachedTo = append(copied.AttachedTo, a.instance)
			}
		}
		found = &copied
		return nil
	})
	return found, err
}

func (v *volumes) Snapshot(_ context.Context, _ compute.Caller, id string) (*compute.VolumeSnapshot, error) {
	if id == "missing" {
		return nil, refusal(compute.NotFound, "no snapshot %s", id)
	}
	return &compute.VolumeSnapshot{ID: id, VolumeID: "root", Status: "available", GiB: 3}, nil
}

func (v *volumes) HasType(_ context.Context, _ compute.Caller, name string) (bool, error) {
	return name == "fast", nil
}

func (v *volumes) Create(_ context.Context, _ compute.Caller, want compute.NewVolume) (made *compute.Volume, err error) {
	err = v.do("Create", func() error {
		made = &compute.Volume{ID: cmp.Or(want.ID, uuid.NewString()), Name: want.Name, GiB: want.GiB, Type: want.Type, Status: v.made}
		v.of[made.ID] = made
		return nil
	})
	return made, err
}

func (v *volumes) Await(ctx context.Context, id string) (*compute.Volume, error) {
	return v.Volume(ctx, compute.Caller{}, id)
}

func (v *volumes) Delete(_ context.Context, _ compute.Caller, id string) error {
	return v.do("Delete", func() error {
		for _, a := range v.attachments {
			if a.volume == id {
				return refusal(compute.BadRequest, "volume %s is attached", id)
			}
		}
		delete(v.of, id)
		return nil
	})
}

func (v *volumes) CreateSnapshot(_ context.Context, _ compute.Caller, volumeID, name, _ string) (made *compute.VolumeSnapshot, err error) {
	err = v.do("CreateSnapshot", func() error {
		made = &compute.VolumeSnapshot{ID: "snapshot of " + volumeID, VolumeID: volumeID, GiB: 2}
		return nil
	})
	return made, err
}

func (v *volumes) AwaitSnapshot(context.Context, string) error {
	return v.do("AwaitSnapshot", func() error { return nil })
}

func (v *volumes) DeleteSnapshot(context.Context, compute.Caller, string) error { return nil }

func (v *volumes) Reimage(_ context.Context, _ compute.Caller, id, _ string) error {
	return v.do("Reimage", func() error { return nil })
}

func (v *volumes) Reserve(_ context.Context, _ compute.Caller, volumeID, instanceID string) (id string, err error) {
	err = v.do("Reserve", func() error {
		volume, err := v.find(volumeID)
		if err != nil {
			return err
		}
		if volume.Status != "available" && !volume.Multiattach {
			return refusal(compute.BadRequest, "volume %s is %s", volumeID, volume.Status)
		}
		id = uuid.NewString()
		v.attachments[id] = attachment{volume: volumeID, instance: instanceID}
		volume.Status = "reserved"
		return nil
	})
	return id, err
}

// set gives the attachment's volume a status.
func (v *volumes) set(method, id, status string) error {
	return v.do(method, func() error {
		a, there := v.attachments[id]
		if !there {
			return refusal(compute.NotFound, "no attachment %s", id)
		}
		v.of[a.volume].Status = status
		return nil
	})
}

func (v *volumes) Connect(_ context.Context, id, host, _ string) (at compute.Connection, err error) {
	if err = v.set("Connect", id, "attaching"); err != nil {
		return at, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	a := v.attachments[id]
	a.host = host
	v.attachments[id] = a
	return compute.Connection{Size: int64(v.of[a.volume].GiB) << 30}, nil
}

func (v *volumes) Complete(_ context.Context, id string) error {
	return v.set("Complete", id, "in-use")
}

func (v *volumes) Disconnect(_ context.Context, id string) error {
	return v.set("Disconnect", id, "reserved")
}

func (v *volumes) Detach(_ context.Context, id string) error {
	return v.do("Detach", func() error {
		a, there := v.attachments[id]
		if !there {
			return nil
		}
		delete(v.attachments, id)
		if volume := v.of[a.volume]; volume != nil {
			volume.Status = "available"
		}
		return nil
	})
}

func (v *volumes) BeginDetaching(_ context.Context, _ compute.Caller, id string) error {
	return v.do("BeginDetaching", func() error {
		volume, err := v.find(id)
		if err != nil {
			return err
		}
		if volume.Status != "in-use" {
			return refusal(compute.BadRequest, "volume %s is %s", id, volume.Status)
		}
		volume.Status = "detaching"
		return nil
	})
}

func (v *volumes) RollDetaching(_ context.Context, id string) error {
	return v.do("RollDetaching", func() error {
		if volume := v.of[id]; volume != nil && volume.Status == "detaching" {
			volume.Status = "in-use"
		}
		return nil
	})
}

func (v *volumes) FinishSwap(_ context.Context, id, newID string, _ bool) (string, error) {
	return newID, v.do("FinishSwap", func() error { _, err := v.find(id); return err })
}

func (v *volumes) AttachmentsOf(_ context.Context, instanceID string) (ids []string, err error) {
	err = v.do("AttachmentsOf", func() error {
		for id, a := range v.attachments {
			if a.instance == instanceID {
				ids = append(ids, id)
			}
		}
		return nil
	})
	return ids, err
}

// want demands the volumes' statuses, and that no attachment is left but those of volumes in use.
func (v *volumes) want(tb testing.TB, want map[string]string) {
	tb.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	got, used := map[string]string{}, 0
	for id, volume := range v.of {
		got[id] = volume.Status
		if volume.Status != "available" && volume.Status != "error" {
			used++
		}
	}
	if !maps.Equal(got, want) {
		tb.Errorf("volumes are %v, want %v", got, want)
	}
	if len(v.attachments) != used {
		tb.Errorf("%d attachments of %d volumes in use: %v", len(v.attachments), used, slices.Collect(maps.Values(v.attachments)))
	}
}

// keeps tells that there are attachments to the server.
func (v *volumes) keeps(inst *compute.Instance) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, a := range v.attachments {
		if a.instance == inst.ID {
			return true
		}
	}
	return false
}
