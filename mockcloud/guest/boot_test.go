// SPDX-License-Identifier: MPL-2.0

package guest_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/guest"
)

// image builds the guest image, or takes it from the user's cache.
func image(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds an image and boots machines: not in -short")
	}
	for _, tool := range []string{"qemu-system-x86_64", "mcopy"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	began := clock.Wall().Now()
	path, err := guest.Image(t.Context(), "")
	var missing *guest.MissingPackagesError
	if errors.As(err, &missing) || errors.Is(err, guest.ErrNoPackages) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s after %v", path, clock.Wall().Now().Sub(began).Round(10*time.Millisecond))
	return path
}

func tool(t *testing.T, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), "MTOOLS_SKIP_CHECK=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v: %s", name, args, err, out)
	}
}

// newDisk is an overlay of 1 GiB on the image, as the qemu driver makes it.
func newDisk(t *testing.T, image string) string {
	t.Helper()
	disk := filepath.Join(t.TempDir(), "disk.qcow2")
	tool(t, "qemu-img", "create", "-q", "-f", "qcow2", "-b", image, "-F", "qcow2", disk, "1G")
	return disk
}

// newConfigDrive is a config drive in Nova's other format, vfat.
func newConfigDrive(t *testing.T, metadata map[string]any, userData string) string {
	t.Helper()
	dir := t.TempDir()
	data, err := json.Marshal(metadata)
	if err != nil {
		t.Fatal(err)
	}
	latest := filepath.Join(dir, "openstack", "latest")
	if err := os.MkdirAll(latest, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"meta_data.json": string(data), "user_data": userData} {
		if err := os.WriteFile(filepath.Join(latest, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	drive := filepath.Join(dir, "drive.img")
	tool(t, "mformat", "-C", "-i", drive, "-f", "1440", "-v", "config-2", "::")
	tool(t, "mcopy", "-s", "-i", drive, filepath.Join(dir, "openstack"), "::/")
	return drive
}

func newKey(t *testing.T) (ssh.AuthMethod, string) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return ssh.PublicKeys(signer), string(ssh.MarshalAuthorizedKey(signer.PublicKey()))
}

func expect(t *testing.T, q *qemu, auth ssh.AuthMethod, command, want string) {
	t.Helper()
	out, err := q.run(auth, command, "")
	if err != nil || strings.TrimSpace(out) != want {
		t.Errorf("%s: %q, %v; want %q", command, out, err, want)
	}
}

func TestImageIsSmallAndCached(t *testing.T) {
	t.Parallel()
	path := image(t)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%.1f MB", float64(info.Size())/1e6)
	if info.Size() > 25e6 || info.Mode().Perm() != 0o444 {
		t.Errorf("%d bytes, mode %v", info.Size(), info.Mode())
	}
	if again := image(t); again != path {
		t.Errorf("built again: %s", again)
	}
}

// TestGuest boots the image and does with it what users of a cloud do with a server.
func TestGuest(t *testing.T) {
	t.Parallel()
	disk := newDisk(t, image(t))
	key, publicKey := newKey(t)
	stranger, _ := newKey(t)
	drive := newConfigDrive(t, map[string]any{
		"uuid": "7a6ef4ed-6b0e-4a3d-8b9a-000000000001", "hostname": "web-1.novalocal", "admin_pass": "s3cret",
		"public_keys": map[string]string{"mine": publicKey},
	}, "#!/bin/sh\necho user data speaks\necho ran >> /root/runs\nexit 3\n")

	q := boot(t, disk, drive)
	if !strings.Contains(q.console.String(), "mockcloud-guest: ready web-1 10.0.2.15") {
		t.Errorf("no ready line:\n%s", q.console)
	}
	q.awaitSaid("script 1 of 1 ended with status 3")
	if !strings.Contains(q.console.String(), "user data speaks") {
		t.Errorf("no output of the user data:\n%s", q.console)
	}
	expect(t, q, key, "uname -n; cat /etc/hostname; . /etc/os-release; echo $NAME", "web-1\nweb-1\nmockcloud guest")
	expect(t, q, ssh.Password("s3cret"), "id -u", "0")
	for _, auth := range []ssh.AuthMethod{ssh.Password("wrong"), ssh.Password(""), stranger} {
		if client, err := q.dial(auth); err == nil {
			client.Close()
			t.Error("a stranger was let in")
		}
	}
	if out, err := q.run(key, "cat; exit 7", "through stdin"); out != "through stdin" || exitStatus(err) != 7 {
		t.Errorf("stdin and exit status: %q, %v", out, err)
	}
	expect(t, q, key, "test $(df -m / | awk 'END{print $2}') -gt 900 && echo grown", "grown")

	terminal(t, q, key)
	consoleLogin(t, q, "s3cret")
	agentSetsPassword(t, q)
	agentFreezes(t, q, key)
	hotPlug(t, q)

	if out, err := q.run(key, "echo kept > /root/file; reboot; cat /dev/ptmx", ""); err == nil {
		t.Errorf("the session outlived the machine: %q", out)
	}
	q.await("SYSLINUX")
	q.await("login: ")
	expect(t, q, key, "cat /root/file /root/runs", "kept\nran")
	expect(t, q, ssh.Password("changed"), "id -u", "0")
	powerButton(t, q)
	snapshot(t, disk)
}

func exitStatus(err error) int {
	var exit *ssh.ExitError
	if errors.As(err, &exit) {
		return exit.ExitStatus()
	}
	return -1
}
