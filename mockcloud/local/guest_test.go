// SPDX-License-Identifier: MPL-2.0

package local_test

import (
	"crypto/ed25519"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/guest"
)

// TestGuests boots two real guests, one of them with a config drive, and holds a whole cloud against
// what their users expect, across the cloud's death.
func TestGuests(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("real guests take half a minute")
	}
	needQEMU(t)
	if err := guest.Check(); err != nil {
		t.Skip("the guest image cannot be built here: " + err.Error())
	}
	p := newPair(t)
	p.meet()
	p.run(p.one, "echo kept >/kept && sync")
	boot := p.run(p.one, "cat /proc/sys/kernel/random/boot_id")

	p.kill()
	p.start()
	if again := p.run(p.one, "cat /proc/sys/kernel/random/boot_id"); again != boot {
		t.Errorf("the guest booted anew with the cloud: %s, then %s", boot, again)
	}
	p.meet()
	p.useCommand()

	p.act(p.one, `{"os-stop":null}`, "SHUTOFF")
	p.act(p.one, `{"os-start":null}`, "ACTIVE")
	second := p.booted(p.one, boot)
	p.act(p.one, `{"reboot":{"type":"HARD"}}`, "ACTIVE")
	p.booted(p.one, second)
	if console := p.console(p.one); strings.Count(console, "user data ran on one") != 1 || strings.Count(console, "mockcloud-guest: ready one") < 2 {
		t.Errorf("the console says:\n%s", console)
	}
	p.die(p.two)

	p.clear()
	p.checkFiles(map[string]server{}, nil)
	p.checkProcesses(map[string]server{})
}

// needQEMU skips where real machines cannot run.
func needQEMU(t testing.TB) {
	t.Helper()
	for _, binary := range []string{"qemu-system-x86_64", "qemu-img"} {
		if _, err := exec.LookPath(binary); err != nil {
			t.Skip("there is no QEMU here: " + err.Error())
		}
	}
}

// pair is a cloud with two guests on one network, which trust one key.
type pair struct {
	*site
	private  ed25519.PrivateKey
	key      ssh.Signer // private, for use
	one, two string     // their ids
	boots    int        // of the one that is measured
}

func newPair(t testing.TB) *pair {
	t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &pair{site: newSite(t, "guest"), private: private}
	if p.key, err = ssh.NewSignerFromKey(private); err != nil {
		t.Fatal(err)
	}
	public := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(p.key.PublicKey())))
	p.make("/compute/v2.1/os-keypairs", `{"keypair":{"name":"k","public_key":"`+public+`"}}`, "keypair")
	network := p.make("/network/v2.0/networks", `{"network":{"name":"n"}}`, "network")
	p.make("/network/v2.0/subnets", `{"subnet":{"network_id":"`+network+`","cidr":"10.78.0.0/24","ip_version":4}}`, "subnet")
	_, _, body := p.send("GET", "/image/v2/images?name=mockcloud-guest", "")
	var list struct{ Images []struct{ ID string } }
	p.decode(body, &list)
	if len(list.Images) != 1 {
		t.Fatalf("no guest image: %s", body)
	}
	create := func(name string, drive bool) string {
		return p.make("/compute/v2.1/servers", fmt.Sprintf(`{"server":{"name":%q,"flavorRef":%q,"imageRef":%q,"key_name":"k",`+
			`"config_drive":%t,"networks":[{"uuid":%q}],"user_data":"IyEvYmluL3NoCmVjaG8gdXNlciBkYXRhIHJhbiBvbiAkKGhvc3RuYW1lKQo="}}`,
			name, p.flavor("m1.micro"), list.Images[0].ID, drive, network), "server")
	}
	p.one, p.two = create("one", false), create("two", true)
	p.await(p.one, "ACTIVE")
	p.await(p.two, "ACTIVE")
	return p
}

// meet holds the guests to what they may reach.
func (p *pair) meet() {
	p.t.Helper()
	if name := p.run(p.two, "hostname"); name != "two" {
		p.t.Errorf("the second guest is called %q", name)
	}
	if label := p.run(p.two, "for d in /dev/sr0 /dev/vd?; do dd if=$d bs=8 skip=4101 count=1 2>/dev/null; done"); !strings.Contains(label, "config-2") {
		p.t.Errorf("the second guest has no config drive: %q", label)
	}
	if data := p.run(p.one, "wget -qO- http://169.254.169.254/openstack/latest/meta_data.json"); !strings.Contains(data, p.one) {
		p.t.Errorf("the metadata service says %q", data)
	}
	if hello := p.run(p.one, "nc -w 5 "+p.address(p.two)+" 22 </dev/null | head -c 4"); hello != "SSH-" {
		p.t.Errorf("the second guest says %q to the first", hello)
	}
	cloud, err := url.Parse(p.url)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, host := range []string{"10.78.0.1", "169.254.169.254", "10.0.2.2"} { // none of them is this machine
		said := p.run(p.one, "printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' | nc -w 2 "+host+" "+cloud.Port()+" 2>&1 | tail -n 1; true")
		if strings.Contains(said, "ok") {
			p.t.Errorf("a guest reaches this machine as %s: %q", host, said)
		}
	}
}

// booted waits for a guest that boots, with its disk as it was, and tells its new boot_id.
func (p *pair) booted(id, before string) string {
	p.t.Helper()
	var boot string
	if !p.eventually(2*time.Minute, func() bool {
		boot = p.run(id, "cat /proc/sys/kernel/random/boot_id")
		return boot != before
	}) {
		p.t.Fatal("the guest did not boot anew")
	}
	if kept := p.run(id, "cat /kept"); kept != "kept" {
		p.t.Errorf("the disk is not what it was: %q", kept)
	}
	return boot
}

// die kills a server's QEMU from outside: Nova notices, and stops the server.
func (p *pair) die(id string) {
	p.t.Helper()
	if err := syscall.Kill(p.pid(id), syscall.SIGKILL); err != nil {
		p.t.Fatal(err)
	}
	began := time.Now()
	p.await(id, "SHUTOFF")
	p.t.Logf("a QEMU that died was noticed after %v", time.Since(began))
}

// pid is the process of a server's QEMU.
func (s *site) pid(id string) int {
	s.t.Helper()
	paths, err := filepath.Glob(filepath.Join(s.state(), "hosts", "*", "machines", id, "qemu.json"))
	if err != nil || len(paths) != 1 {
		s.t.Fatalf("%v %v", paths, err)
	}
	raw, err := os.ReadFile(paths[0])
	if err != nil {
		s.t.Fatal(err)
	}
	var record struct{ PID int }
	s.decode(string(raw), &record)
	return record.PID
}

func (p *pair) flavor(name string) string {
	p.t.Helper()
	_, _, body := p.send("GET", "/compute/v2.1/flavors", "")
	var list struct{ Flavors []struct{ ID, Name string } }
	p.decode(body, &list)
	for _, f := range list.Flavors {
		if f.Name == name {
			return f.ID
		}
	}
	p.t.Fatalf("no flavor %s: %s", name, body)
	return ""
}

func (p *pair) show(id string) (v server) {
	p.t.Helper()
	_, _, body := p.send("GET", "/compute/v2.1/servers/"+id, "")
	p.decode(body, &struct{ Server *server }{&v})
	return v
}

func (p *pair) await(id, status string) {
	p.t.Helper()
	var v server
	if !p.eventually(time.Minute, func() bool {
		v = p.show(id)
		return v.Status == status && v.Task == nil || v.Status == "ERROR"
	}) || v.Status != status {
		p.t.Fatalf("server %s is %s, not %s: %s", id, v.Status, status, v.Fault.Message)
	}
}

func (p *pair) act(id, action, status string) {
	p.t.Helper()
	if code, _, body := p.send("POST", "/compute/v2.1/servers/"+id+"/action", action); code != http.StatusAccepted {
		p.t.Fatalf("%s: %d %s", action, code, body)
	}
	p.await(id, status)
}

func (p *pair) console(id string) string {
	p.t.Helper()
	_, _, body := p.send("POST", "/compute/v2.1/servers/"+id+"/action", `{"os-getConsoleOutput":{}}`)
	var answer struct{ Output string }
	p.decode(body, &answer)
	return answer.Output
}

func (p *pair) address(id string) string {
	p.t.Helper()
	for _, list := range p.show(id).Addresses {
		return list[0].Addr
	}
	p.t.Fatalf("server %s has no address", id)
	return ""
}
