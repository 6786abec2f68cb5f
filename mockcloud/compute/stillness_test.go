// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

// course is what happens, in its order.
type course struct {
	mu   sync.Mutex
	what []string
	then map[string]func() // is done as that happens
}

func (c *course) note(what string) {
	c.mu.Lock()
	c.what = append(c.what, what)
	c.mu.Unlock()
	if do := c.then[what]; do != nil {
		do()
	}
}

func (c *course) want(tb testing.TB, what ...string) {
	tb.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !slices.Equal(c.what, what) {
		tb.Errorf("%v, want %v", c.what, what)
	}
}

// telling is a host that tells of what is done to its guests.
type telling struct {
	*sim.Driver
	*course
}

func (d telling) Quiesce(ctx context.Context, id string) error {
	d.note("frozen")
	return d.Driver.Quiesce(ctx, id)
}

func (d telling) Unquiesce(ctx context.Context, id string) error {
	d.note("thawed")
	return d.Driver.Unquiesce(ctx, id)
}

func (d telling) CopyVolume(context.Context, string, string, string) error {
	d.note("copied")
	return nil
}

func (d telling) AttachVolume(ctx context.Context, id string, v driver.Volume) error {
	d.note("attached")
	return d.Driver.AttachVolume(ctx, id, v)
}

func (d telling) LiveMigrate(ctx context.Context, id string, move driver.LiveMove) error {
	d.note("moves")
	move.To = move.To.(telling).Driver
	return d.Driver.LiveMigrate(ctx, id, move)
}

// tellingCloud is a cloud on telling hosts, with a server whose guest can be frozen, on the volume "root".
func tellingCloud(t *testing.T) (*cloud, *volumes, *course, string) {
	t.Helper()
	c, v := withVolumes(t, "root", "data")
	v.of["root"].ImageMetadata["hw_qemu_guest_agent"] = "yes"
	c.config.Images = &gallery{}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	happens := &course{}
	for i, h := range c.hosts {
		c.config.Hosts[i].Driver = telling{h, happens}
	}
	m, err := compute.New(c.config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	if err := m.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.Manager = m
	inst := c.create(t, bootFrom(onVolume(compute.SourceVolume, "root")))
	c.settle(t)
	return c, v, happens, inst.ID
}

// copyRoot copies the volume as Cinder does.
func (c *cloud) copyRoot(t *testing.T, id string) error {
	t.Helper()
	path := filepath.Join(t.TempDir(), "copy")
	copied, err := c.CopyVolume(t.Context(), id, "root", path)
	if err == nil && !copied {
		err = errors.New("the volume was not copied")
	}
	return errors.Join(err, os.RemoveAll(path))
}

// A guest that is frozen waits for the copies of its volumes, and these not for a migration that was asked for meanwhile.
func TestFrozenGuestWaitsForCopiesOnly(t *testing.T) {
	t.Parallel()
	c, v, happens, id := tellingCloud(t)
	migrated := make(chan struct{})
	v.around = func(what string, call func() error) error {
		if what == "volumes' AwaitSnapshot" {
			<-migrated
			return errors.Join(c.copyRoot(t, id), call())
		}
		return call()
	}
	if _, err := c.CreateImage(t.Context(), user, id, "held", nil); err != nil {
		t.Fatal(err)
	}
	from := c.get(t, id).Host
	if err := c.LiveMigrate(t.Context(), admin, id, compute.LiveMigrateRequest{}); err != nil {
		t.Fatal(err)
	}
	close(migrated)
	c.settle(t)
	happens.want(t, "frozen", "copied", "thawed", "moves")
	if to := c.get(t, id).Host; to == from {
		t.Errorf("it has not moved from %s", from)
	}
}

// A guest is not frozen before its turn comes, and who copies a volume before the snapshot's own copy is not in its way.
func TestGuestIsFrozenInItsTurn(t *testing.T) {
	t.Parallel()
	c, v, happens, id := tellingCloud(t)
	attaching, attach, others := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	copied := sync.OnceValue(func() error { return errors.Join(<-others, c.copyRoot(t, id)) })
	v.around = func(what string, call func() error) error {
		switch what {
		case "volumes' Connect":
			close(attaching)
			<-attach
		case "volumes' AwaitSnapshot":
			return errors.Join(copied(), call())
		}
		return call()
	}
	if _, err := c.AttachVolume(t.Context(), user, id, compute.VolumeAttachRequest{VolumeID: "data"}); err != nil {
		t.Fatal(err)
	}
	<-attaching
	made := make(chan error, 1)
	go func() {
		_, err := c.CreateImage(t.Context(), user, id, "held", nil)
		made <- err
	}()
	go func() { others <- c.copyRoot(t, id) }()
	close(attach)
	if err := <-made; err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	happens.mu.Lock()
	defer happens.mu.Unlock()
	at := func(what string) int { return slices.Index(happens.what, what) }
	copies := 0
	for _, what := range happens.what {
		if what == "copied" {
			copies++
		}
	}
	if at("attached") != 0 || at("frozen") < 1 || copies != 2 || happens.what[len(happens.what)-1] != "thawed" {
		t.Errorf("%v", happens.what)
	}
}

// A guest that was frozen for a request which has been given up is thawed, and its volumes can be copied.
func TestFreezeThatIsGivenUp(t *testing.T) {
	t.Parallel()
	c, _, happens, id := tellingCloud(t)
	ctx, cancel := context.WithCancel(t.Context())
	happens.then = map[string]func(){"frozen": cancel}
	_, _ = c.CreateImage(ctx, user, id, "held", nil) // which may still be made
	c.settle(t)
	if err := c.copyRoot(t, id); err != nil {
		t.Error(err)
	}
	happens.want(t, "frozen", "thawed", "copied")
}

// A guest is thawed as soon as its own snapshots are complete, however long somebody else copies one of its volumes.
func TestThawWaitsForNoOtherCopy(t *testing.T) {
	t.Parallel()
	c, v, happens, id := tellingCloud(t)
	copying, thawed, others := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	happens.then = map[string]func(){
		"copied": func() {
			close(copying)
			<-thawed
		},
		"thawed": func() { close(thawed) },
	}
	v.around = func(what string, call func() error) error {
		if what == "volumes' AwaitSnapshot" {
			go func() { others <- c.copyRoot(t, id) }()
			<-copying
		}
		return call()
	}
	if _, err := c.CreateImage(t.Context(), user, id, "held", nil); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	if err := <-others; err != nil {
		t.Error(err)
	}
	happens.want(t, "frozen", "copied", "thawed")
}
