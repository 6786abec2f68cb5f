// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// unnumbered is machine.json as it was before it had a version.
const unnumbered = `{
	"complete": true, "id": "ID", "name": "instance-00000001", "vcpus": 1, "memory_mib": 64, "ephemeral": 0, "swap": false,
	"config_drive": false,
	"nics": [{"PortID": "p", "MAC": "fa:16:3e:00:00:01", "Local": "", "Switch": "", "slot": 2}],
	"volumes": [{"ID": "v", "Path": "/v", "Size": 1048576, "slot": 1, "on": "virtio"}],
	"ports": 5, "cpus": {}, "properties": {"hw_disk_bus": "virtio"}
}`

// TestSpecVersion: what has no number is of version 1, what we write has the number, and a newer one changes nothing.
func TestSpecVersion(t *testing.T) {
	t.Parallel()
	var old, again spec
	mustGo(t, json.Unmarshal([]byte(unnumbered), &old))
	if !old.Complete || old.Ports != 5 || old.NICs[0].Slot != 2 || old.NICs[0].PortID != "p" || old.Volumes[0].ID != "v" {
		t.Errorf("read as %+v", old)
	}
	text, err := json.Marshal(old)
	mustGo(t, err, json.Unmarshal(text, &again))
	if !strings.Contains(string(text), `"version":1,`) || !reflect.DeepEqual(old, again) {
		t.Errorf("written as %s, read as %+v", text, again)
	}
	err = json.Unmarshal([]byte(`{"version": 2, "complete": false, "id": "other"}`), &again)
	if !errors.Is(err, errNewer) || !reflect.DeepEqual(old, again) {
		t.Errorf("a newer one: %v, %+v", err, again)
	}
	for _, wrong := range []string{`{"version": 0}`, `{"version": -1}`, `{"version": "one"}`} {
		if err := json.Unmarshal([]byte(wrong), &again); err == nil || errors.Is(err, errNewer) {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}

// TestAnUnnumberedMachineIsAdopted: an upgrade takes over what ran before there were versions, and numbers it when it
// writes it.
func TestAnUnnumberedMachineIsAdopted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := open(t, dir)
	id := spawn(t, h, bootSector(deaf))
	pid, m := pidOf(t, h, id), h.machine(id)
	text, err := os.ReadFile(m.record())
	mustGo(t, err, h.Close())
	plain := strings.Replace(string(text), "\t\"version\": 1,\n", "", 1)
	if plain == string(text) {
		t.Fatalf("the record has no version: %s", text)
	}
	mustGo(t, os.WriteFile(m.record(), []byte(plain), 0o600))
	h = open(t, dir)
	defer empty(t, h)
	if got := pidOf(t, h, id); got != pid {
		t.Fatalf("QEMU %d, want %d", got, pid)
	}
	mustGo(t, h.Stop(t.Context(), id, 0), h.Start(t.Context(), id), h.Suspend(t.Context(), id))
	if text, err := os.ReadFile(m.record()); err != nil || !strings.Contains(string(text), "\"version\": 1,") {
		t.Errorf("the record is %s, %v", text, err)
	}
}

// TestAMoveToANewerRecord: where the destination's record cannot be read, nobody knows whose the guest is; neither QEMU is
// ended.
func TestAMoveToANewerRecord(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := open(t, dir)
	there, here := spawn(t, h, bootSector(deaf)), spawn(t, h, bootSector(deaf))
	from, to := h.machine(here), h.machine(there)
	pids := [2]int{pidOf(t, h, here), pidOf(t, h, there)}
	s := spec{}
	mustGo(t, readJSON(from.record(), &s))
	s.Leaving = &departure{Record: to.record(), Agent: to.agent(), Runs: true}
	mustGo(t, h.Close(), saveJSON(from.record(), s), os.WriteFile(to.record(), []byte(`{"version": 2}`), 0o600))
	h = open(t, dir)
	defer empty(t, h)
	list, err := h.List(t.Context())
	mustGo(t, err)
	if len(list) != 2 {
		t.Fatalf("List = %+v", list)
	}
	for _, status := range list {
		if !errors.Is(status.Err, errNewer) || status.State != driver.Running {
			t.Errorf("%+v", status)
		}
	}
	if got := [2]int{pidOf(t, h, here), pidOf(t, h, there)}; got != pids {
		t.Errorf("QEMUs %v, want %v", got, pids)
	}
}
