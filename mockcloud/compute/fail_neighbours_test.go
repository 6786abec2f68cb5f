// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"context"
	"io"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// album is images that remembers which were made.
type album struct {
	images

	mu    sync.Mutex
	of    map[string]string // name by id
	whole map[string]bool
	empty map[string]bool
}

func newAlbum() *album {
	return &album{of: map[string]string{}, whole: map[string]bool{}, empty: map[string]bool{}}
}

func (a *album) Create(_ context.Context, _ compute.Caller, image compute.NewImage) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	id := uuid.NewString()
	a.of[id], a.empty[id] = image.Name, image.Empty
	return id, nil
}

func (a *album) Image(ctx context.Context, caller compute.Caller, id string) (*compute.Image, error) {
	image, err := a.images.Image(ctx, caller, id)
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, made := a.of[id]; made && !a.whole[id] {
		image.Status = "queued"
	}
	return image, err
}

func (a *album) Upload(_ context.Context, _ compute.Caller, id string, write func(io.Writer) error) error {
	err := write(io.Discard)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.whole[id] = err == nil
	return err
}

func (a *album) Delete(_ context.Context, _ compute.Caller, id string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.of, id)
	return nil
}

// has demands that nothing is left but what users asked for.
func (a *album) has(t *testing.T) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, name := range a.of {
		if name != "copy" || !a.whole[id] && !a.empty[id] {
			t.Errorf("left over: image %s %q", id, name)
		}
	}
}

// faultyNetworks are networks with trouble.
type faultyNetworks struct {
	compute.Networks

	around func(what string, call func() error) error
}

func (f faultyNetworks) Deallocate(ctx context.Context, inst *compute.Instance) error {
	return f.around("Deallocate", func() error { return f.Networks.Deallocate(ctx, inst) })
}

func (f faultyNetworks) Attach(ctx context.Context, caller compute.Caller, inst *compute.Instance, want compute.RequestedNetwork) (vif compute.VIF, err error) {
	err = f.around("Attach", func() error {
		vif, err = f.Networks.Attach(ctx, caller, inst, want)
		return err
	})
	return vif, err
}

func (f faultyNetworks) Detach(ctx context.Context, inst *compute.Instance, portID string) error {
	return f.around("Detach", func() error { return f.Networks.Detach(ctx, inst, portID) })
}

func (f faultyNetworks) Bind(ctx context.Context, inst *compute.Instance, host string) error {
	return f.around("Bind", func() error { return f.Networks.Bind(ctx, inst, host) })
}
