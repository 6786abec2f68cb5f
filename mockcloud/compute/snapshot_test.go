// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

// gallery is an image service that keeps what is made in it.
type gallery struct {
	images

	mu   sync.Mutex
	kept []*compute.Image // oldest first
	fail error            // of the next upload, after its content
}

func (g *gallery) at(id string) int {
	return slices.IndexFunc(g.kept, func(i *compute.Image) bool { return i.ID == id })
}

func (g *gallery) Image(ctx context.Context, caller compute.Caller, id string) (*compute.Image, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if at := g.at(id); at >= 0 {
		found := *g.kept[at]
		return &found, nil
	}
	return g.images.Image(ctx, caller, id)
}

func (g *gallery) Find(_ context.Context, _ compute.Caller, properties map[string]string) (found []*compute.Image, _ error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, image := range slices.Backward(g.kept) {
		matches := true
		for key, value := range properties {
			matches = matches && image.Properties[key] == value
		}
		if matches {
			found = append(found, image)
		}
	}
	return found, nil
}

func (g *gallery) Create(_ context.Context, _ compute.Caller, image compute.NewImage) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	made := &compute.Image{
		ID: uuid.NewString(), Name: image.Name, Status: "queued", DiskFormat: image.DiskFormat, MinDisk: image.MinDisk,
		MinRAM: image.MinRAM, Properties: image.Properties,
	}
	g.kept = append(g.kept, made)
	return made.ID, nil
}

func (g *gallery) Upload(ctx context.Context, caller compute.Caller, id string, write func(io.Writer) error) error {
	var content bytes.Buffer
	err := write(&content)
	g.mu.Lock()
	err = errors.Join(err, g.fail)
	at := g.at(id)
	if at >= 0 && err == nil {
		g.kept[at].Status, g.kept[at].Size = "active", int64(content.Len())
	}
	g.mu.Unlock()
	switch {
	case err != nil:
		return errors.Join(err, g.Delete(ctx, caller, id))
	case at < 0:
		return &compute.Refusal{Reason: compute.NotFound, Message: "the image is gone"}
	}
	return nil
}

func (g *gallery) Delete(_ context.Context, _ compute.Caller, id string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.kept = slices.DeleteFunc(g.kept, func(i *compute.Image) bool { return i.ID == id })
	return nil
}

// names are those of the images, with their statuses.
func (g *gallery) names() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var names []string
	for _, image := range g.kept {
		names = append(names, image.Name+" "+image.Status)
	}
	return names
}

func withGallery(g *gallery) func(*compute.Config, *sim.Options) {
	return func(c *compute.Config, _ *sim.Options) { c.Images = g }
}

func TestSnapshot(t *testing.T) {
	t.Parallel()
	g := new(gallery)
	c := start(t, withGallery(g))
	inst := c.active(t)
	id, err := c.CreateImage(t.Context(), user, inst.ID, "copy", map[string]string{"hw_machine_type": "pc", "mine": "yes"})
	c.do(t, err)
	image, err := g.Image(t.Context(), user, id)
	if err != nil || image.Status != "active" || image.MinDisk != tiny.RootGiB || image.Size == 0 {
		t.Fatalf("%+v, %v", image, err)
	}
	for key, value := range map[string]string{
		"instance_uuid": inst.ID, "image_type": "snapshot", "base_image_ref": "image", "user_id": "u1", "owner_id": "p1",
		"hw_machine_type": "pc", "mine": "yes", "auto_disk_config": "True",
	} {
		if image.Properties[key] != value {
			t.Errorf("property %s is %q, want %q", key, image.Properties[key], value)
		}
	}
	g.fail = errInjected
	_, err = c.CreateImage(t.Context(), user, inst.ID, "broken", nil)
	c.do(t, err)
	c.want(t, inst.ID, compute.Active, compute.NoTask, compute.PowerRunning)
	if kept := g.names(); !slices.Equal(kept, []string{"copy active"}) {
		t.Errorf("images are %v", kept)
	}
	if c.get(t, inst.ID).Fault == nil || c.get(t, inst.ID).SnapshotImageID != "" {
		t.Errorf("%+v", c.get(t, inst.ID))
	}
}

// A server that is deleted while an image is made of it takes the image along.
func TestDeleteEndsSnapshot(t *testing.T) {
	t.Parallel()
	g := new(gallery)
	waiting := make(chan struct{})
	c := start(t, withGallery(g), func(config *compute.Config, _ *sim.Options) {
		config.Intercept = func(ctx context.Context, call compute.DriverCall, next func(context.Context) error) error {
			if call.Method == "Snapshot" {
				close(waiting)
				<-ctx.Done()
				return ctx.Err()
			}
			return next(ctx)
		}
	})
	inst := c.active(t)
	if _, err := c.CreateImage(t.Context(), user, inst.ID, "copy", nil); err != nil {
		t.Fatal(err)
	}
	<-waiting
	c.want(t, inst.ID, compute.Active, compute.ImageUploading, compute.PowerRunning)
	_, err := c.CreateImage(t.Context(), user, inst.ID, "second", nil)
	wantErr(t, err, compute.Conflict, "Cannot 'createImage' instance "+inst.ID+" while it is in task_state image_uploading")
	c.do(t, c.Delete(t.Context(), user, inst.ID))
	if kept := g.names(); len(kept) > 0 {
		t.Errorf("images are left: %v", kept)
	}
	c.clean(t)
}

func TestBackupRotates(t *testing.T) {
	t.Parallel()
	g := new(gallery)
	c := start(t, withGallery(g))
	id := c.active(t).ID
	for _, b := range []compute.Backup{
		{Name: "1", Type: "daily", Rotation: 2},
		{Name: "2", Type: "daily", Rotation: 2},
		{Name: "w", Type: "weekly", Rotation: 1},
		{Name: "3", Type: "daily", Rotation: 2},
	} {
		_, err := c.CreateBackup(t.Context(), user, id, b)
		c.do(t, err)
	}
	if kept := g.names(); !slices.Equal(kept, []string{"2 active", "w active", "3 active"}) {
		t.Errorf("backups are %v", kept)
	}
	_, err := c.CreateBackup(t.Context(), user, id, compute.Backup{Name: "0", Type: "daily"})
	c.do(t, err)
	if kept := g.names(); !slices.Equal(kept, []string{"w active"}) {
		t.Errorf("backups are %v, want none of the day", kept)
	}
}
