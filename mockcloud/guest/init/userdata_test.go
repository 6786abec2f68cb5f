// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"reflect"
	"strings"
	"testing"
)

func TestCloudConfig(t *testing.T) {
	t.Parallel()
	c, err := parseCloudConfig([]byte(`#cloud-config
fqdn: web.example.org
ssh_authorized_keys: [ssh-ed25519 AAAA a]
password: plain
chpasswd:
  expire: false
  users:
  - {name: root, password: secret, type: text}
  - {name: nobody, password: "$6$a$b"}
  - {name: daemon, type: RANDOM}
ssh_pwauth: true
write_files:
- {path: /etc/motd, content: "hi\n", permissions: '0600'}
runcmd:
- echo $HOME
- [touch, "/it's"]
packages: [nginx]
users: [default]
`))
	if err != nil {
		t.Fatal(err)
	}
	want := &cloudConfig{
		hostname: "web",
		keys:     []string{"ssh-ed25519 AAAA a"},
		passwords: []passwordChange{
			{"root", "secret", false}, {"nobody", "$6$a$b", true}, {"root", "plain", false},
		},
		files:    []writeFile{{Path: "/etc/motd", Content: "hi\n", Permissions: "0600"}},
		commands: []string{"echo $HOME", `'touch' '/it'\''s'`},
		notes: []string{
			"cloud-config: chpasswd: random passwords are not supported, daemon keeps its own",
			"cloud-config: packages is not supported, it is ignored",
			"cloud-config: users is not supported, it is ignored",
		},
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
}

func TestCloudConfigSaysWhatItCannotDo(t *testing.T) {
	t.Parallel()
	for document, note := range map[string]string{
		"ssh_pwauth: false":            "ssh_pwauth: false is not supported",
		"package_update: true":         "package_update: true is not supported",
		"hostname: [a]":                "hostname: ",
		"chpasswd: {list: ['root:R']}": "root gets no password",
		"chpasswd: {list: 'root:pw'}":  "passwords do not expire",
		"runcmd: notalist":             "runcmd: ",
		"write_files: {path: a}":       "write_files: ",
		"mounts: [[/dev/vdb, /mnt]]":   "mounts is not supported",
	} {
		c, err := parseCloudConfig([]byte("#cloud-config\n" + document))
		if err != nil {
			t.Errorf("%s: %v", document, err)
			continue
		}
		if !strings.Contains(strings.Join(c.notes, "\n"), note) {
			t.Errorf("%s: notes %q", document, c.notes)
		}
	}
	if _, err := parseCloudConfig([]byte("#cloud-config\n- a list")); err == nil {
		t.Error("a list was taken for a cloud-config")
	}
}

func TestWriteFileContent(t *testing.T) {
	t.Parallel()
	packed := base64.StdEncoding.EncodeToString(gzipped(t, "hello"))
	for _, f := range []writeFile{
		{Content: "hello"},
		{Content: "aGVsbG8=", Encoding: "b64"},
		{Content: "aGVs\nbG8=\n", Encoding: "base64"},
		{Content: packed, Encoding: "gz+b64"},
	} {
		got, err := f.content()
		if err != nil || string(got) != "hello" {
			t.Errorf("%s: %q, %v", f.Encoding, got, err)
		}
	}
	for _, f := range []writeFile{{Encoding: "rot13"}, {Content: "!", Encoding: "b64"}} {
		if _, err := f.content(); err == nil {
			t.Errorf("%+v was decoded", f)
		}
	}
	for text, want := range map[string]uint32{"": 0o644, "0755": 0o755, "0o600": 0o600, "1777": 0o1777} {
		if got, err := (writeFile{Permissions: text}).mode(); err != nil || got != want {
			t.Errorf("mode %q: %o, %v", text, got, err)
		}
	}
	if _, err := (writeFile{Permissions: "rwx"}).mode(); err == nil {
		t.Error("permissions rwx were taken")
	}
}

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// archive is what Terraform's cloudinit_config renders.
const archive = "Content-Type: multipart/mixed; boundary=\"MIMEBOUNDARY\"\nMIME-Version: 1.0\r\n\r\n" +
	"--MIMEBOUNDARY\r\nContent-Disposition: attachment; filename=\"a.yaml\"\r\nContent-Transfer-Encoding: 7bit\r\n" +
	"Content-Type: text/cloud-config\r\nMime-Version: 1.0\r\n\r\nhostname: web\r\n" +
	"--MIMEBOUNDARY\r\nContent-Transfer-Encoding: base64\r\nContent-Type: text/x-shellscript\r\n\r\nIyEvYmluL3NoCmVjaG8K\r\n" +
	"--MIMEBOUNDARY\r\nContent-Type: text/jinja2; charset=us-ascii\r\n\r\n## template: jinja\r\n" +
	"--MIMEBOUNDARY--\r\n"

func TestUserData(t *testing.T) {
	t.Parallel()
	script, config := []byte("#!/bin/sh\necho\n"), []byte("#cloud-config\nhostname: web")
	for name, tt := range map[string]struct {
		data []byte
		want userData
	}{
		"nothing": {nil, userData{}},
		"script":  {script, userData{scripts: [][]byte{script}}},
		"config":  {config, userData{configs: [][]byte{config}}},
		"gzip":    {gzipped(t, string(script)), userData{scripts: [][]byte{script}}},
		"archive": {gzipped(t, archive), userData{
			configs: [][]byte{config}, scripts: [][]byte{script},
			notes: []string{`part text/jinja2 is not supported, it begins with "## template: jinja"; wanted #!, #cloud-config or a MIME archive`},
		}},
		"else": {[]byte("foo: bar\n"), userData{
			notes: []string{`user_data is not supported, it begins with "foo: bar"; wanted #!, #cloud-config or a MIME archive`},
		}},
		"bad gzip": {[]byte("\x1f\x8b"), userData{notes: []string{"user_data: gzip: unexpected EOF"}}},
	} {
		if got := parseUserData(tt.data); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got  %q\nwant %q", name, got, tt.want)
		}
	}
}
