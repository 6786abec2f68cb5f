// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"database/sql"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestServe(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	s := serve(t, dir, "-v")
	env := s.environment(t, "demo")
	if value(env, "OS_USERNAME") != "demo" || value(env, "OS_PASSWORD") != "for-the-demo" {
		t.Errorf("openrc: %s", env)
	}
	base := strings.TrimSuffix(value(env, "OS_AUTH_URL"), "/identity/v3")
	if !strings.Contains(s.said(), "url="+base) {
		t.Errorf("the log does not say %s:\n%s", base, s.said())
	}
	refused(t, dir, "another mockcloud runs on "+dir, "serve", "--driver", "sim", "--listen", "127.0.0.1:0")
	refused(t, t.TempDir(), "is in use by another program: choose another address with --listen",
		"serve", "--driver", "sim", "--listen", strings.TrimPrefix(base, "http://"))
	refused(t, dir, "there is no server nobody", "ssh", "nobody")
	refused(t, dir, "No server of yours is 10.0.0.99", "connect", "10.0.0.99", "22")

	disk := filepath.Join(t.TempDir(), "little.img")
	if err := os.WriteFile(disk, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if said := output(t, dir, "image", "add", disk, "--property", "os_type=linux"); !strings.HasSuffix(said, " little\n") {
		t.Errorf("image add: %q", said)
	}
	refused(t, dir, "no such file", "image", "add", disk+".not")
	s.end(t)
	refused(t, dir, "is mockcloud serve running?", "ssh", "nobody")
	checkPrivate(t, dir)
	for _, secret := range []string{"for-the-admin", "for-the-demo"} {
		if strings.Contains(s.said(), secret) {
			t.Errorf("the log tells a password:\n%s", s.said())
		}
	}
	serve(t, dir) // as it was
	if again := s.environment(t, "demo"); value(again, "OS_PASSWORD") != "for-the-demo" {
		t.Errorf("openrc: %s", again)
	}
}

// checkPrivate walks over the state directory: it is for nobody but its owner.
func checkPrivate(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is %s", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	refused(t, t.TempDir(), "run mockcloud serve first", "openrc")
	refused(t, t.TempDir(), `driver "xen" is none of qemu, sim and auto`, "serve", "--driver", "xen", "--listen", "127.0.0.1:0")
	refused(t, t.TempDir(), "--listen nowhere:", "serve", "--listen", "nowhere")
	refused(t, t.TempDir(), `rate limit "POST": it is not in parentheses`, "serve", "--driver", "sim", "--rate-limits", "POST", "--listen", "127.0.0.1:0")
	refused(t, t.TempDir(), `there is no quota of "servers", but of [cores`, "serve", "--driver", "sim", "--quota", "servers=1", "--listen", "127.0.0.1:0")
	refused(t, t.TempDir(), `a quota of -2 cores`, "serve", "--driver", "sim", "--quota", "cores=-2", "--listen", "127.0.0.1:0")
	broken := t.TempDir()
	if err := os.WriteFile(filepath.Join(broken, "clouds.yaml"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, broken, "clouds.yaml: ", "serve", "--driver", "sim", "--listen", "127.0.0.1:0")
	policy := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(policy, []byte("os_compute_api:servers:create: role:a or\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, t.TempDir(), policy+`:1: policy rule "os_compute_api:servers:create": it ends where a check is expected`,
		"serve", "--driver", "sim", "--listen", "127.0.0.1:0", "--policy-file", policy)
}

// A state that a newer mockcloud has written is not touched.
func TestNewerState(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, "cloud.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	refused(t, dir, "schema version 99", "serve", "--driver", "sim", "--listen", "127.0.0.1:0")
}

// Who serves beyond this machine is told so.
func TestBeyondLoopback(t *testing.T) {
	t.Parallel()
	for ip, warned := range map[string]bool{"127.0.0.1": false, "::1": false, "0.0.0.0": true, "192.0.2.1": true} {
		var log bytes.Buffer
		warnBeyond(&net.TCPAddr{IP: net.ParseIP(ip), Port: 8774}, slog.New(slog.NewTextHandler(&log, nil)))
		if strings.Contains(log.String(), "there is no TLS") != warned {
			t.Errorf("%s: %q", ip, log.String())
		}
	}
}

// The doctor's exit code is for scripts, its last line for people.
func TestDoctorCommand(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	refused(t, dir, "real machines cannot run as things are: ", "doctor", "--fix", "--listen", "127.0.0.1:0")
	refused(t, dir, "chmod 0700 '"+dir+"'", "doctor")
}
