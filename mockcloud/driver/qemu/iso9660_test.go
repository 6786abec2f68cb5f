// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// driveFiles are a config drive's as Nova lays them out, and more than one sector of names.
func driveFiles() map[string][]byte {
	files := map[string][]byte{
		"openstack/latest/meta_data.json":       []byte(`{"uuid": "x"}`),
		"openstack/2012-08-10/meta_data.json":   []byte(`{}`),
		"openstack/latest/network_data.json":    bytes.Repeat([]byte("n"), 5000),
		"openstack/latest/user_data":            {},
		"openstack/content/0000":                []byte("injected"),
		"ec2/2009-04-04/meta-data.json":         []byte(`{"a": 1}`),
		"ec2/latest/meta-data.json":             []byte(`{"b": 1}`),
		"openstack/latest/Vendor_Data2.Json":    []byte("case"),
		"openstack/latest/vendor_data2.json":    []byte("other case"),
		"openstack/latest/a.name.with.dots.txt": []byte("dots"),
	}
	for i := range 80 {
		files[fmt.Sprintf("openstack/content/file-number-%04d.of-many", i)] = fmt.Append(nil, i)
	}
	return files
}

// TestISO holds the image to another's reading of it, in both trees.
func TestISO(t *testing.T) {
	t.Parallel()
	isoinfo, err := exec.LookPath("isoinfo")
	if err != nil {
		t.Skip("isoinfo (package genisoimage) is not installed")
	}
	files := driveFiles()
	image, err := isoImage("config-2", files, time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "config.iso")
	if err := os.WriteFile(path, image, 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string {
		out, err := exec.CommandContext(t.Context(), isoinfo, append(args, "-i", path)...).CombinedOutput()
		if err != nil {
			t.Fatalf("isoinfo %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	if d := run("-d"); !strings.Contains(d, "Volume id: config-2") || !strings.Contains(d, "Joliet with UCS level 3") {
		t.Errorf("descriptors:\n%s", d)
	}
	listed := strings.Fields(run("-f", "-J"))
	for name, want := range files {
		if !slices.Contains(listed, "/"+name) {
			t.Errorf("%s is not listed", name)
		}
		if got := run("-J", "-x", "/"+name); got != string(want) {
			t.Errorf("%s reads %q, want %q", name, got, want)
		}
	}
	primary := strings.Fields(run("-f"))
	if !slices.Contains(primary, "/OPENSTACK/LATEST/META_DATA.JSON;1") {
		t.Errorf("the primary tree lists %v", primary)
	}
	slices.Sort(primary)
	if n := len(slices.Compact(primary)); n != len(listed) {
		t.Errorf("the primary tree has %d distinct names, the Joliet tree %d", n, len(listed))
	}
	if out := run("-p"); !strings.Contains(out, "LATEST") {
		t.Errorf("path table:\n%s", out)
	}
}

func TestISORefuses(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", ".", "/abs", "../up", "a//b", "a/", strings.Repeat("x", 65)} {
		if _, err := isoImage("config-2", map[string][]byte{name: nil}, time.Time{}); err == nil {
			t.Errorf("a file called %q is fine", name)
		}
	}
	if _, err := isoImage("config-2", map[string][]byte{"a": nil, "a/b": nil}, time.Time{}); err == nil {
		t.Error("a file that is a directory too is fine")
	}
}
