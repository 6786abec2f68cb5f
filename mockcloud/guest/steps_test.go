// SPDX-License-Identifier: MPL-2.0

package guest_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

// terminal runs a shell on a terminal, types into it and leaves it with an exit status.
func terminal(t *testing.T, q *qemu, key ssh.AuthMethod) {
	t.Helper()
	client, err := q.dial(key)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	session, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if err := session.RequestPty("xterm", 33, 101, ssh.TerminalModes{}); err != nil {
		t.Fatal(err)
	}
	session.Stdin = strings.NewReader("stty size; echo $TERM $((6*7))\nexit 5\n")
	var out strings.Builder
	session.Stdout = &out
	if err := session.Shell(); err != nil {
		t.Fatal(err)
	}
	if err := session.Wait(); exitStatus(err) != 5 {
		t.Errorf("shell: %v", err)
	}
	for _, want := range []string{"33 101", "xterm 42", "root@web-1:~#"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the terminal lacks %q: %q", want, out.String())
		}
	}
}

// consoleLogin logs in on the serial console.
func consoleLogin(t *testing.T, q *qemu, password string) {
	t.Helper()
	for _, exchange := range []struct{ typed, answer string }{
		{"\r", "web-1 login: "},
		{"root\r", "Password: "},
		{password + "\r", "root@web-1:~# "},
		{"tty\r", "/dev/ttyS0"},
		{"exit\r", "web-1 login: "},
	} {
		if _, err := q.keys.Write([]byte(exchange.typed)); err != nil {
			t.Fatal(err)
		}
		q.await(exchange.answer)
	}
}

// agentSetsPassword changes root's password as Nova's changePassword does, and logs in with it.
func agentSetsPassword(t *testing.T, q *qemu) {
	t.Helper()
	if got := q.agent.call(t, "\xff"+`{"execute":"guest-sync-delimited","arguments":{"id":4711}}`); got != float64(4711) {
		t.Fatalf("guest-sync-delimited returns %v", got)
	}
	q.agent.call(t, `{"execute":"guest-set-user-password","arguments":{"username":"root","crypted":false,"password":"`+
		base64.StdEncoding.EncodeToString([]byte("changed"))+`"}}`)
	expect(t, q, ssh.Password("changed"), "id -u", "0")
	if client, err := q.dial(ssh.Password("s3cret")); err == nil {
		client.Close()
		t.Error("the old password still works")
	}
}

// agentFreezes holds that nothing is written while the file system is frozen.
func agentFreezes(t *testing.T, q *qemu, key ssh.AuthMethod) {
	t.Helper()
	if got := q.agent.call(t, `{"execute":"guest-fsfreeze-freeze"}`); got != float64(1) {
		t.Fatalf("guest-fsfreeze-freeze returns %v", got)
	}
	if got := q.agent.call(t, `{"execute":"guest-fsfreeze-status"}`); got != "frozen" {
		t.Errorf("status %v", got)
	}
	written := make(chan error, 1)
	go func() {
		client, err := q.dial(key)
		if err == nil {
			defer client.Close()
			var session *ssh.Session
			if session, err = client.NewSession(); err == nil {
				err = session.Run("echo x > /frozen")
			}
		}
		written <- err
	}()
	wait := clock.Wall().Timer(2 * time.Second)
	defer wait.Stop()
	select {
	case err := <-written:
		t.Errorf("written while frozen: %v", err)
	case <-wait.C():
	}
	if got := q.agent.call(t, `{"execute":"guest-fsfreeze-thaw"}`); got != float64(1) {
		t.Errorf("guest-fsfreeze-thaw returns %v", got)
	}
	if err := <-written; err != nil {
		t.Errorf("after the thaw: %v", err)
	}
}

// hotPlug adds a network card to the running machine, which is to get an address without being asked.
func hotPlug(t *testing.T, q *qemu) {
	t.Helper()
	began := clock.Wall().Now()
	q.qmp.call(t, `{"execute":"device_add","arguments":{"driver":"virtio-net-pci","id":"nic1","netdev":"n1","bus":"rp0","mac":"52:54:00:00:00:07"}}`)
	q.await("eth1: [10.7.0.15/24]")
	t.Logf("hot-plugged card has an address after %v", clock.Wall().Now().Sub(began).Round(time.Millisecond))
	q.qmp.call(t, `{"execute":"device_del","arguments":{"id":"nic1"}}`)
	q.qmp.event(t, "DEVICE_DELETED")
}

// powerButton presses it and waits for QEMU to end on its own.
func powerButton(t *testing.T, q *qemu) {
	t.Helper()
	began := clock.Wall().Now()
	q.qmp.call(t, `{"execute":"system_powerdown"}`)
	if err := <-q.exited; err != nil {
		t.Errorf("QEMU: %v", err)
	}
	q.exited <- nil
	took := clock.Wall().Now().Sub(began)
	t.Logf("power button to exit: %v", took.Round(time.Millisecond))
	if took > 10*time.Second {
		t.Errorf("took %v", took)
	}
	if !strings.Contains(q.console.String(), "mockcloud-guest: power off") {
		t.Error("the guest did not end by itself")
	}
}

// snapshot boots the disk as another server, as one made from a snapshot of the first, and crashes it.
func snapshot(t *testing.T, disk string) {
	t.Helper()
	key, publicKey := newKey(t)
	drive := newConfigDrive(t, map[string]any{
		"uuid": "7a6ef4ed-6b0e-4a3d-8b9a-000000000002", "hostname": "copy", "public_keys": map[string]string{"mine": publicKey},
	}, "#cloud-config\npackages: [nginx]\nruncmd:\n- echo again >> /root/runs\n")
	q := boot(t, disk, drive)
	q.awaitSaid("script 1 of 1 ended with status 0")
	if !strings.Contains(q.console.String(), "packages is not supported") {
		t.Errorf("nothing is said of what cannot be done:\n%s", q.console)
	}
	expect(t, q, key, "hostname; cat /root/file /root/runs", "copy\nkept\nran\nagain")

	client, err := q.dial(key)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	session, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if err := session.Start("echo c > /proc/sysrq-trigger"); err != nil {
		t.Fatal(fmt.Errorf("crash the guest: %w", err))
	}
	q.qmp.event(t, "GUEST_PANICKED")
}
