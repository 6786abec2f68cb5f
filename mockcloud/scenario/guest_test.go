// SPDX-License-Identifier: MPL-2.0

package scenario

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// TestGuest asks one guest for all that Nova asks a guest for, the things that end it last.
func TestGuest(t *testing.T) {
	t.Parallel()
	c := cloud(t)
	private, key := rsaKey(c, "guest")
	flavor := c.make("/flavors", "flavor", with{"name": "watched", "vcpus": 1, "ram": 128, "disk": 1})
	c.call("POST", "/flavors/"+flavor+"/os-extra_specs", with{"extra_specs": with{"hw:watchdog_action": "reset"}}, nil)
	const first = "first-Secret1"
	s := c.at("2.56").boot(with{
		"name": "guest", "flavorRef": flavor, "key_name": key, "adminPass": first, "config_drive": true,
		"personality": []with{{"path": "/etc/motto", "contents": base64.StdEncoding.EncodeToString([]byte("brought along"))}},
		"networks":    []with{{"uuid": c.network, "tag": "front"}},
		"user_data":   c.letsIn() + "echo user data ran >/from-user-data\n",
	})
	if got := s.run("cat /from-user-data /etc/motto"); got != "user data ran\nbrought along" {
		t.Errorf("the guest says %q", got)
	}
	passwords(s, private, first)
	tags(s)
	diagnostics(s)
	barks(s)
	crashes(s)
}

// rsaKey makes a key pair of the cloud's.
func rsaKey(c *client, name string) (private *rsa.PrivateKey, keypair string) {
	c.t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		c.t.Fatal(err)
	}
	public, err := ssh.NewPublicKey(&private.PublicKey)
	if err != nil {
		c.t.Fatal(err)
	}
	c.call("POST", "/os-keypairs", with{"keypair": with{
		"name": name, "type": "ssh", "public_key": strings.TrimSpace(string(ssh.MarshalAuthorizedKey(public))),
	}}, nil)
	c.later("/os-keypairs/" + name)
	return private, name
}

// letsIn is the beginning of a script that lets the harness in, whatever the server's key pair.
func (c *client) letsIn() string {
	return "#!/bin/sh\nmkdir -p -m 0700 /root/.ssh\ncat >>/root/.ssh/authorized_keys <<.\n" + string(ssh.MarshalAuthorizedKey(c.key.PublicKey())) + ".\n"
}

// accepts tells whether root can log in with the password.
func (s *server) accepts(password string) bool {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	conn, err := s.dial(ctx, 22)
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	session, _, _, err := ssh.NewClientConn(conn, s.ID, &ssh.ClientConfig{
		User: "root", Auth: []ssh.AuthMethod{ssh.Password(password)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(),
	})
	if err != nil {
		return false
	}
	_ = session.Close()
	return true
}

// told is the server's password as os-server-password tells it to the owner of the key.
func (s *server) told(private *rsa.PrivateKey) string {
	s.t.Helper()
	var answer struct{ Password string }
	s.eventually("the guest has posted its password", func() bool {
		s.call("GET", s.path("/os-server-password"), nil, &answer)
		return answer.Password != ""
	})
	sealed, err := base64.StdEncoding.DecodeString(answer.Password)
	if err != nil {
		s.t.Fatal(err)
	}
	plain, err := rsa.DecryptPKCS1v15(nil, private, sealed) //nolint:staticcheck // as the tools do
	if err != nil {
		s.t.Fatal(err)
	}
	return string(plain)
}

// passwords: the one of the create request is root's, changePassword changes it, and the cloud tells each to the
// owner of the key.
func passwords(s *server, private *rsa.PrivateKey, first string) {
	s.t.Helper()
	if got := s.told(private); got != first {
		s.t.Errorf("os-server-password tells %q, want %q", got, first)
	}
	if !s.accepts(first) {
		s.t.Error("the password of the create request does not let root in")
	}
	const second = "second-Secret2"
	s.do("changePassword", with{"adminPass": second})
	if !s.accepts(second) || s.accepts(first) {
		s.t.Error("changePassword did not replace the password")
	}
	if got := s.told(private); got != second {
		s.t.Errorf("os-server-password tells %q, want %q", got, second)
	}
	// Taken once; cleared, the guest may post another one.
	post := "wget -q -O - --post-data bmV3 http://169.254.169.254/openstack/latest/password"
	if said, err := s.attempt(post); err == nil {
		s.t.Errorf("a second password was taken: %s", said)
	}
	s.call("DELETE", s.path("/os-server-password"), nil, nil)
	s.run(post)
	var answer struct{ Password string }
	if s.call("GET", s.path("/os-server-password"), nil, &answer); answer.Password != "bmV3" {
		s.t.Errorf("the guest posted bmV3, the cloud tells %q", answer.Password)
	}
}

// tags: the guest finds its tagged devices where the metadata says, on the drive and at the service.
func tags(s *server) {
	s.t.Helper()
	device := s.run("basename $(dirname $(readlink -f /sys/class/net/eth0/device))")
	mac := s.run("cat /sys/class/net/eth0/address")
	for _, read := range []string{
		"wget -q -O - http://169.254.169.254/openstack/latest/meta_data.json",
		"mkdir -p /run/drive && mount -o ro /dev/sr0 /run/drive && cat /run/drive/openstack/latest/meta_data.json && umount /run/drive",
	} {
		var document struct {
			Devices []struct {
				Type, Bus, Address, MAC string
				Tags                    []string
			}
		}
		if err := json.Unmarshal([]byte(s.run(read)), &document); err != nil {
			s.t.Fatal(err)
		}
		if len(document.Devices) != 1 {
			s.t.Errorf("%s tells of %+v", read, document.Devices)
			continue
		}
		if d := document.Devices[0]; d.Type != "nic" || d.Bus != "pci" || d.MAC != mac || !slices.Equal(d.Tags, []string{"front"}) {
			s.t.Errorf("%s tells of %+v; the guest has %s at %s", read, d, mac, device)
		} else if strings.HasPrefix(read, "wget") && d.Address != device {
			s.t.Errorf("the NIC is told to be at %s and is at %s", d.Address, device)
		}
	}
}

// diagnostics: the numbers are those of what the guest does.
func diagnostics(s *server) {
	s.t.Helper()
	type numbers struct {
		Uptime int
		CPUs   []struct{ Time int64 } `json:"cpu_details"`
		NICs   []struct {
			Sent int64 `json:"tx_octets"`
		} `json:"nic_details"`
		Disks []struct {
			Written int64 `json:"write_bytes"`
		} `json:"disk_details"`
		Memory struct{ Maximum, Used int64 } `json:"memory_details"`
	}
	read := func() (n numbers) {
		s.t.Helper()
		s.at(newest).call("GET", s.path("/diagnostics"), nil, &n)
		return n
	}
	before := read()
	s.run("dd if=/dev/zero of=/load bs=1M count=16 2>/dev/null; sync; head -c 1000000 /dev/urandom | base64; rm /load")
	after := read()
	if len(after.CPUs) != 1 || len(after.NICs) != 1 || len(after.Disks) < 1 {
		s.t.Fatalf("diagnostics are %+v", after)
	}
	if spent := after.CPUs[0].Time - before.CPUs[0].Time; spent < int64(20*time.Millisecond) {
		s.t.Errorf("the load took %d ns of the processor", spent)
	}
	if wrote := after.Disks[0].Written - before.Disks[0].Written; wrote < 16<<20 {
		s.t.Errorf("the guest wrote 16 MiB, the disk took %d bytes", wrote)
	}
	if sent := after.NICs[0].Sent - before.NICs[0].Sent; sent < 1_300_000 || sent > 2_000_000 {
		s.t.Errorf("the guest sent 1.35 MB, the NIC %d bytes", sent)
	}
	if m := after.Memory; m.Maximum != 128 || m.Used < 20 || m.Used >= 128 {
		s.t.Errorf("memory is %+v", m)
	}
	if before.Uptime <= 0 || after.Uptime < before.Uptime {
		s.t.Errorf("up for %d s, then %d s", before.Uptime, after.Uptime)
	}
	old := map[string]int64{}
	s.at("2.1").call("GET", s.path("/diagnostics"), nil, &old)
	if old["cpu0_time"] < after.CPUs[0].Time || old["vda_write"] < after.Disks[0].Written || old["vnet0_tx"] < after.NICs[0].Sent {
		s.t.Errorf("the old diagnostics are %v, the new ones were %+v", old, after)
	}
}

// barks: a guest whose init is frozen hangs, and its watchdog resets it.
func barks(s *server) {
	s.t.Helper()
	before, pid := s.bootID(), s.pid()
	s.run(`mkdir /run/hang && mount -t cgroup2 none /run/hang && mkdir /run/hang/it && echo 1 >/run/hang/it/cgroup.procs
		(sleep 1; echo 1 >/run/hang/it/cgroup.freeze) >/dev/null 2>&1 </dev/null &`)
	s.eventually("the guest hangs", func() bool { // and not: it has not begun to yet
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		conn, err := s.dial(ctx, 22)
		if err != nil {
			return true
		}
		defer conn.Close()
		_ = conn.SetReadDeadline(time.Now().Add(2 * time.Second))
		_, err = conn.Read(make([]byte, 1)) // of the server's greeting
		return err != nil
	})
	s.hangUp()
	s.eventually("the watchdog has reset the guest", func() bool {
		said, err := s.attempt("cat /proc/sys/kernel/random/boot_id")
		return err == nil && said != before
	})
	if s.pid() != pid {
		s.t.Error("the machine was powered off instead of reset")
	}
	s.wait("ACTIVE")
}

// crashes: an NMI makes the guest panic, which its console log tells; the machine is off then.
func crashes(s *server) {
	s.t.Helper()
	s.do("trigger_crash_dump", nil)
	s.wait("SHUTOFF")
	if log := s.console(); !strings.Contains(log, "Kernel panic - not syncing: NMI") || !strings.Contains(log, "Call Trace") {
		s.t.Errorf("the console log does not tell of the panic:\n%s", log)
	}
	if status, err := s.try("GET", s.path("/diagnostics"), nil, nil); status != http.StatusConflict {
		s.t.Errorf("diagnostics of a server that is off: %d, %v", status, err)
	}
	s.refused(http.StatusConflict, "changePassword", with{"adminPass": "of-no-use-0"})
	s.do("os-start", nil)
	s.wait("ACTIVE")
	const third = "third-Secret3"
	s.do("changePassword", with{"adminPass": third}) // which waits for the agent
	s.ready()
	if !s.accepts(third) {
		s.t.Error("changePassword of a guest that boots did not replace the password")
	}
}
