// SPDX-License-Identifier: MPL-2.0

package qmp

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

// TestSendFile: QEMU writes its state into a file that it was handed, and never knew the name of.
func TestSendFile(t *testing.T) {
	t.Parallel()
	client := dial(t, machine(t)[0])
	path := filepath.Join(t.TempDir(), "state")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.SendFile(t.Context(), "state", file); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil { // QEMU's is its own
		t.Fatal(err)
	}
	if err := client.Execute(t.Context(), "migrate", map[string]any{"uri": "fd:state"}, nil); err != nil {
		t.Fatal(err)
	}
	for status := ""; status != "completed"; {
		var reply struct{ Status string }
		if err := client.Execute(t.Context(), "query-migrate", nil, &reply); err != nil {
			t.Fatal(err)
		}
		if status = reply.Status; status == "failed" {
			t.Fatal("the migration failed")
		}
		if err := clock.Wall().Sleep(t.Context(), 10*time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(path)
	if err != nil || len(content) < 4 || string(content[:4]) != "QEVM" {
		t.Errorf("the file has %d bytes: %v", len(content), err)
	}
}

// TestSendFileThatIsClosed: the connection goes on.
func TestSendFileThatIsClosed(t *testing.T) {
	t.Parallel()
	client := dial(t, machine(t)[0])
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	_ = file.Close()
	if err := client.SendFile(t.Context(), "gone", file); err == nil {
		t.Error("a closed file was sent")
	}
	if err := client.Execute(t.Context(), "query-status", nil, nil); err != nil {
		t.Error(err)
	}
}
