// SPDX-License-Identifier: MPL-2.0

package qmp

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

// machine is a real QEMU that has not started its guest, with two QMP sockets.
func machine(tb testing.TB) (sockets [2]string) {
	tb.Helper()
	binary, err := exec.LookPath("qemu-system-x86_64")
	if err != nil {
		tb.Skip("qemu-system-x86_64 is not installed")
	}
	dir := tb.TempDir()
	args := []string{"-S", "-nodefaults", "-no-user-config", "-display", "none", "-machine", "q35", "-accel", "tcg", "-m", "32M"}
	for i, name := range []string{"a", "b"} {
		sockets[i] = filepath.Join(dir, name)
		args = append(args, "-qmp", "unix:"+sockets[i]+",server=on,wait=off")
	}
	cmd := exec.CommandContext(tb.Context(), binary, args...)
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = cmd.Process.Kill() // fails if it has quit, which is as good
		_ = cmd.Wait()
	})
	return sockets
}

// dial tries until QEMU has made its socket.
func dial(tb testing.TB, path string) *Client {
	tb.Helper()
	for range 1000 {
		c := New(path, Options{})
		err := c.Dial(tb.Context())
		if err == nil {
			tb.Cleanup(func() { _ = c.Disconnect() })
			return c
		}
		if err := clock.Wall().Sleep(tb.Context(), 10*time.Millisecond); err != nil {
			tb.Fatal(err)
		}
	}
	tb.Fatal("QEMU made no socket")
	return nil
}

func TestRealQEMU(t *testing.T) {
	t.Parallel()
	sockets := machine(t)
	one, two := dial(t, sockets[0]), dial(t, sockets[1])
	ctx := within(t)
	if v := one.Version(); v.QEMU.Major < 5 {
		t.Errorf("version %s", v)
	}
	var status struct{ Status string }
	if err := two.Execute(ctx, "query-status", nil, &status); err != nil || status.Status != "prelaunch" {
		t.Errorf("status %q, %v", status.Status, err)
	}
	var schema []json.RawMessage // far more than 64 KiB
	if err := one.Execute(ctx, "query-qmp-schema", nil, &schema); err != nil || len(schema) < 100 {
		t.Errorf("schema of %d entities, %v", len(schema), err)
	}
	err := one.Execute(ctx, "device_del", map[string]string{"id": "nothing"}, nil)
	if e, ok := err.(*Error); !ok || e.Class != "DeviceNotFound" { //nolint:errorlint // the type itself is meant
		t.Errorf("device_del of nothing: %v", err)
	}
	events, err := two.Events(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := one.Execute(ctx, "cont", nil, nil); err != nil {
		t.Error(err)
	}
	if err := one.Execute(ctx, "quit", nil, nil); err != nil {
		t.Error(err)
	}
	var names []string
	for e := range events {
		names = append(names, e.Event)
	}
	if len(names) < 2 || names[0] != "RESUME" || names[len(names)-1] != "SHUTDOWN" {
		t.Errorf("the other socket told of %v", names)
	}
	<-one.Done()
}

func BenchmarkQueryStatus(b *testing.B) {
	c := dial(b, machine(b)[0])
	for b.Loop() {
		if err := c.Execute(b.Context(), "query-status", nil, nil); err != nil {
			b.Fatal(err)
		}
	}
}
