// SPDX-License-Identifier: MPL-2.0

package local_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
)

// about is what the doctor says of a subject.
func about(t *testing.T, found []local.Finding, subject string) local.Finding {
	t.Helper()
	for _, f := range found {
		if f.Subject == subject {
			return f
		}
	}
	t.Fatalf("nothing is said of %s: %+v", subject, found)
	return local.Finding{}
}

func TestDoctor(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	p := local.Patient{Dir: dir, Listen: taken.Addr().String()}
	found := p.Examine(t.Context())
	if f := about(t, found, "state"); f.Health != local.Good || !strings.Contains(f.Says, "not there yet") {
		t.Errorf("%+v", f)
	}
	if f := about(t, found, "address"); f.Health != local.Fair || !strings.Contains(f.Says, "in use by another program") || f.Mend == "" {
		t.Errorf("%+v", f)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the doctor made the state directory")
	}

	cloud, err := local.Open(t.Context(), local.Options{Dir: dir, Driver: "sim"})
	if err != nil {
		t.Fatal(err)
	}
	if f := about(t, p.Examine(t.Context()), "state"); !strings.HasSuffix(f.Says, ", a mockcloud runs on it") {
		t.Errorf("%+v", f)
	}
	if err := cloud.Close(); err != nil {
		t.Fatal(err)
	}
	if f := about(t, p.Examine(t.Context()), "state"); !strings.HasSuffix(f.Says, "no mockcloud runs on it") {
		t.Errorf("%+v", f)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	found = p.Examine(t.Context())
	if f := about(t, found, "state"); f.Health != local.Bad || !strings.Contains(f.Mend, "chmod 0700") {
		t.Errorf("%+v", f)
	}
	if err := local.Ill(found); err == nil || !strings.Contains(err.Error(), "state") {
		t.Errorf("Ill: %v", err)
	}
	long := local.Patient{Dir: dir}
	if err := os.MkdirAll(filepath.Join(dir, "hosts", "compute-1"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/"+strings.Repeat("long", 20), filepath.Join(dir, "hosts", "compute-1", "run")); err != nil {
		t.Fatal(err)
	}
	if f := about(t, long.Examine(t.Context()), "sockets"); f.Health != local.Bad || !strings.Contains(f.Says, "too long for sockets") {
		t.Errorf("%+v", f)
	}
	var text bytes.Buffer
	if err := local.WriteFindings(&text, found); err != nil || !strings.Contains(text.String(), "-> chmod 0700") {
		t.Errorf("%v\n%s", err, text.String())
	}
}

// TestDoctorNamesWhatIsMissing has an empty PATH.
func TestDoctorNamesWhatIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	found := local.Patient{Dir: t.TempDir()}.Examine(t.Context())
	for subject, mend := range map[string]string{
		"QEMU": "apt-get install -y --no-install-recommends qemu-system-x86", "qemu-img": "qemu-utils", "ssh": "openssh-client",
	} {
		if f := about(t, found, subject); f.Health == local.Good || !strings.Contains(f.Mend, mend) {
			t.Errorf("%+v", f)
		}
	}
	if err := local.Ill(found); err == nil || !strings.Contains(err.Error(), "QEMU, qemu-img") {
		t.Errorf("Ill: %v", err)
	}
}

// runs tells whether a process has not ended; who is only waited for has no command line any more.
func runs(pid int) bool {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return err == nil && len(line) > 0
}

// TestMends: a QEMU whose machine's directory somebody has removed is ended, and its sockets go; one
// that a machine has runs on.
func TestMends(t *testing.T) {
	t.Parallel()
	needQEMU(t)
	c := &crowd{site: newSite(t, "qemu"), fates: map[string]fate{}}
	c.prepare()
	c.create()
	c.create()
	var there []server
	if !c.eventually(time.Minute, func() bool {
		there = c.servers()
		return len(there) == 2 && there[0].Status == "ACTIVE" && there[1].Status == "ACTIVE"
	}) {
		t.Fatalf("%+v", there)
	}
	c.kill()
	gone, kept := c.pid(there[0].ID), c.pid(there[1].ID)
	paths, err := filepath.Glob(filepath.Join(c.state(), "hosts", "*", "machines", there[0].ID))
	if err != nil || len(paths) != 1 {
		t.Fatal(paths, err)
	}
	if err := os.RemoveAll(paths[0]); err != nil {
		t.Fatal(err)
	}
	p := local.Patient{Dir: c.state()}
	if f := about(t, p.Examine(t.Context()), "machines"); f.Health != local.Fair || !strings.Contains(f.Says, "1 run without a mockcloud") || !strings.Contains(f.Says, "1 QEMUs") {
		t.Errorf("%+v", f)
	}
	var said bytes.Buffer
	if f := about(t, p.Mend(t.Context(), &said), "machines"); f.Health != local.Good {
		t.Errorf("%+v\n%s", f, said.String())
	}
	if runs(gone) {
		t.Error("the QEMU of no machine runs on")
	}
	if !runs(kept) {
		t.Error("the QEMU of a machine was ended")
	}
	if err := local.Demolish(t.Context(), c.state()); err != nil {
		t.Fatal(err)
	}
	if runs(kept) {
		t.Error("a QEMU has outlived its cloud's demolition")
	}
	if _, err := os.Stat(c.state()); err == nil {
		t.Error("the state is there yet")
	}
	c.child = nil // there is nothing to end any more
}
