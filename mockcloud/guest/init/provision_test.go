// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

type provisioning struct {
	*provisioner
	console bytes.Buffer
	kernel  string
}

func newProvisioning(t *testing.T) *provisioning {
	t.Helper()
	root := testRoot(t)
	p := &provisioning{}
	p.provisioner = &provisioner{
		root: root, out: &console{w: &p.console}, accounts: &accounts{root: root}, procs: newProcesses(),
		tellKernel: func(name []byte) error { p.kernel = string(name); return nil },
	}
	return p
}

func (p *provisioning) read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(p.root, name))
	if err != nil {
		t.Error(err)
	}
	return string(data)
}

// source is a data source whose documents are a map.
func source(documents map[string]string) document {
	return func(name string) ([]byte, error) {
		text, found := documents[name]
		if !found {
			return nil, fs.ErrNotExist
		}
		return []byte(text), nil
	}
}

func TestSetup(t *testing.T) {
	t.Parallel()
	p := newProvisioning(t)
	key, line := publicKey(t, 1)
	in, err := readInstance("test", source(map[string]string{
		"meta_data.json": `{"uuid": "u-1", "name": "web", "hostname": "web-1.novalocal", "admin_pass": "s3cret",
			"public_keys": {"mine": "` + line + ` me\n"}, "random_seed": "x", "meta": {"a": "b"}}`,
		"network_data.json": networkDocument,
		"user_data":         "#cloud-config\nwrite_files: [{path: /opt/a/b, content: x, permissions: '0640'}, {path: /opt/a/b, content: y, append: true, permissions: '0640'}, {path: rel}]\nruncmd: [id]\nmounts: []\n",
	}))
	if err != nil {
		t.Fatal(err)
	}
	if in.network == nil || len(in.network.Links) != 2 {
		t.Errorf("network %+v", in.network)
	}
	if !p.isNew(in, instanceFile) {
		t.Fatal("a fresh disk knows the instance")
	}
	scripts := p.setup(in)
	if len(scripts) != 1 || string(scripts[0]) != "#!/bin/sh\nid\n" {
		t.Errorf("scripts %q", scripts)
	}
	if p.isNew(in, instanceFile) || !p.isNew(in, scriptsFile) {
		t.Error("the set-up is not remembered, or more than that is")
	}
	if !p.isNew(&instance{UUID: "u-2"}, instanceFile) {
		t.Error("a server made from a snapshot passes for the one it was made of")
	}
	root, _ := p.accounts.find("root")
	if !p.accounts.verify("root", "s3cret") || !p.accounts.authorized(root, key) {
		t.Error("root cannot log in")
	}
	if p.kernel != "web-1" || p.read(t, "etc/hostname") != "web-1\n" || !strings.HasSuffix(p.read(t, "etc/hosts"), "127.0.1.1\tweb-1\n") {
		t.Errorf("hostname %q, hosts %q", p.kernel, p.read(t, "etc/hosts"))
	}
	if got := p.read(t, "opt/a/b"); got != "xy" {
		t.Errorf("/opt/a/b holds %q", got)
	}
	for _, want := range []string{"mounts is not supported", "rel: the path has to be absolute"} {
		if !strings.Contains(p.console.String(), want) {
			t.Errorf("the console lacks %q: %s", want, p.console.String())
		}
	}
}

func TestBadMetadata(t *testing.T) {
	t.Parallel()
	if _, err := readInstance("test", source(nil)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no documents: %v", err)
	}
	if _, err := readInstance("test", source(map[string]string{"meta_data.json": "{"})); err == nil {
		t.Error("half a document was taken")
	}
	p := newProvisioning(t)
	p.setup(&instance{UUID: "u", Hostname: "a b", Keys: map[string]string{"x": "no key"}, userData: []byte("#cloud-config\n[")})
	if p.kernel != "" || p.read(t, "etc/hostname") != "mockcloud\n" {
		t.Errorf("hostname %q", p.kernel)
	}
	for _, want := range []string{`hostname "a b" is none`, `no SSH public key`, "cloud-config: yaml"} {
		if !strings.Contains(p.console.String(), want) {
			t.Errorf("the console lacks %q: %s", want, p.console.String())
		}
	}
}

func TestProbe(t *testing.T) {
	t.Parallel()
	image := func(parts map[int]string) *bytes.Reader {
		data := make([]byte, 64<<10)
		for offset, text := range parts {
			copy(data[offset:], text)
		}
		return bytes.NewReader(data)
	}
	for name, tt := range map[string]struct {
		parts map[int]string
		kind  fsKind
		label string
	}{
		"iso":     {map[int]string{32768: "\x01CD001\x01\x00", 32808: "config-2                        "}, fsISO9660, "config-2"},
		"fat16":   {map[int]string{54: "FAT16   ", 43: "config-2   ", 510: "\x55\xaa"}, fsVFAT, "config-2"},
		"fat32":   {map[int]string{82: "FAT32   ", 71: "CONFIG-2   ", 510: "\x55\xaa"}, fsVFAT, "CONFIG-2"},
		"no fat":  {map[int]string{54: "FAT16   "}, fsUnknown, ""},
		"ext4":    {map[int]string{1080: "\x53\xef", 1144: rootLabel}, fsExt4, rootLabel},
		"nothing": {nil, fsUnknown, ""},
	} {
		if kind, label := probe(image(tt.parts)); kind != tt.kind || label != tt.label {
			t.Errorf("%s: %q, %q", name, kind, label)
		}
	}
	if kind, _ := probe(bytes.NewReader(nil)); kind != fsUnknown {
		t.Errorf("an empty drive is %q", kind)
	}
}
