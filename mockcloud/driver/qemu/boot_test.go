// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// guestImage is the path of a bootable qcow2 whose guest prompts on its serial port and heeds the
// power button: mockcloud/guest/cmd/build-guest makes one.
const guestImage = "MOCKCLOUD_GUEST_IMAGE"

func linux(tb testing.TB) driver.Image {
	tb.Helper()
	path := os.Getenv(guestImage)
	if path == "" {
		tb.Skipf("%s names no image", guestImage)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return image("qcow2", content)
}

// TestLinux takes a real guest through its power states.
func TestLinux(t *testing.T) {
	t.Parallel()
	img := linux(t)
	h := opened(t, func(o *Options) { o.Boots = semaphore.NewWeighted(1) })
	m := newMachine(img)
	m.MemoryMiB, m.Root.GiB = 256, 1
	m.ConfigDrive = map[string][]byte{
		"openstack/latest/meta_data.json": []byte(`{"uuid": "` + m.ID + `", "hostname": "drive-host", "name": "drive-host"}`),
		"openstack/latest/user_data":      []byte("#!/bin/sh\necho user data ran > /dev/ttyS0\n"),
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	if err := h.Spawn(ctx, m); err != nil {
		t.Fatal(err)
	}
	console := func() string {
		out, err := h.ConsoleOutput(ctx, m.ID, -1)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	logins := func(n int) {
		t.Helper()
		for strings.Count(console(), "login:") < n {
			if err := clock.Wall().Sleep(ctx, 50*time.Millisecond); err != nil {
				t.Fatalf("no login prompt: %v\n%s", err, console())
			}
		}
	}
	timed := func(what string, f func() error) {
		t.Helper()
		start := clock.Wall().Now()
		if err := f(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		t.Logf("%s: %v", what, clock.Wall().Now().Sub(start))
	}
	timed("boot", func() error { logins(1); return nil })
	if out := console(); !strings.Contains(out, "drive-host login:") {
		t.Errorf("the guest did not take its name from the config drive:\n%s", out)
	}
	pid := pidOf(t, h, m.ID)
	timed("soft reboot", func() error { return h.Reboot(ctx, m.ID, true, time.Hour) })
	if pidOf(t, h, m.ID) == pid {
		t.Error("the power button did not reach the guest")
	}
	timed("boot", func() error { logins(2); return nil })
	timed("hard reboot", func() error { return h.Reboot(ctx, m.ID, false, 0) })
	timed("boot", func() error { logins(3); return nil })
	timed("stop", func() error { return h.Stop(ctx, m.ID, time.Hour) })
	timed("start", func() error { return h.Start(ctx, m.ID) })
	timed("boot", func() error { logins(4); return nil })
	if state, err := h.State(ctx, m.ID); state != driver.Running || err != nil {
		t.Errorf("state %v, %v", state, err)
	}
}
