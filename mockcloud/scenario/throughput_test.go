// SPDX-License-Identifier: MPL-2.0

package scenario

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestThroughput sets the cloud's switch, with its filter, beside QEMU's own socket netdev between the same two
// guests: a second card in each, plugged in by hand over QMP and joined to the other's. The figures are logged;
// that the switch gets through at least a third of what the bare sockets do is held.
func TestThroughput(t *testing.T) {
	t.Parallel()
	c := cloud(t)
	group := c.make("/network/v2.0/security-groups", "security_group", with{"name": "measured"})
	for _, rule := range []with{{"protocol": "tcp", "port_range_min": 7000, "port_range_max": 7000}, {"protocol": "icmp"}} {
		rule["security_group_id"], rule["direction"], rule["ethertype"] = group, "ingress", "IPv4"
		c.call("POST", "/network/v2.0/security-group-rules", with{"security_group_rule": rule}, nil)
	}
	fields := with{"security_groups": []with{{"name": "measured"}}}
	a, b := c.boot(fields), c.boot(fields)
	dir, err := os.MkdirTemp("", "wire") // t.TempDir is too long for sockets
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for i, s := range []*server{a, b} {
		s.wire(filepath.Join(dir, fmt.Sprint(i)), filepath.Join(dir, fmt.Sprint(1-i)), fmt.Sprintf("02:00:00:00:00:%02x", i+1))
		s.eventually("the second card", func() bool { return strings.Contains(s.run("ls /sys/class/net"), "eth1") })
		s.run(fmt.Sprintf("ip link set eth1 mtu $(cat /sys/class/net/eth0/mtu) up; ip addr add 192.168.77.%d/24 dev eth1", i+1))
	}
	bare, ours := figures{}, figures{}
	b.run("mkdir -p /dev/shm/www && dd if=/dev/zero of=/dev/shm/www/16m bs=1M count=16 2>/dev/null && httpd -p 7000 -h /dev/shm/www >/dev/null 2>&1 </dev/null")
	for range 3 { // in turn, for the machine is not ours alone
		bare.better(a.measure("192.168.77.2"))
		ours.better(a.measure(b.fixed()))
	}
	t.Logf("QEMU's own sockets: %s; through the switch: %s", bare, ours)
	if ours.rate < bare.rate/3 {
		t.Errorf("the switch gets through %.1f MB/s of %.1f", ours.rate, bare.rate)
	}
}

// figures of a way between two guests.
type figures struct {
	rate float64 // MB/s
	rtt  float64 // ms
}

func (f figures) String() string { return fmt.Sprintf("%.1f MB/s, RTT %.3f ms", f.rate, f.rtt) }

// better keeps the better of each.
func (f *figures) better(g figures) {
	f.rate = max(f.rate, g.rate)
	if f.rtt == 0 || g.rtt < f.rtt {
		f.rtt = g.rtt
	}
}

// measure gets 16 MiB by TCP from an address of another guest, and 20 pings.
func (s *server) measure(address string) (f figures) {
	s.t.Helper()
	said := s.run("cut -d' ' -f1 /proc/uptime; wget -q -O /dev/null http://" + address + ":7000/16m && cut -d' ' -f1 /proc/uptime")
	var first, last float64
	if _, err := fmt.Sscan(said, &first, &last); err != nil || last <= first {
		s.t.Fatalf("the guest's clock says %q: %v", said, err)
	}
	f.rate = 16 << 20 / (last - first) / 1e6
	rtt := regexp.MustCompile(`= [0-9.]+/([0-9.]+)/`).FindStringSubmatch(s.run("ping -q -c 20 -i 0.2 " + address))
	if rtt == nil {
		s.t.Fatal("ping tells no times")
	}
	var err error
	if f.rtt, err = strconv.ParseFloat(rtt[1], 64); err != nil {
		s.t.Fatal(err)
	}
	return f
}

// wire plugs a card into the guest by hand, one end of a pair of sockets.
func (s *server) wire(local, remote, mac string) {
	s.t.Helper()
	run, err := os.Readlink(filepath.Join(s.dir(), "..", "..", "run"))
	if err != nil {
		s.t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(s.dir(), "machine.json"))
	var machine struct{ Ports int }
	if err != nil || json.Unmarshal(raw, &machine) != nil {
		s.t.Fatalf("machine.json: %v", err)
	}
	q, err := net.Dial("unix", filepath.Join(run, s.ID, "qmp2"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer q.Close()
	answers := json.NewDecoder(q)
	ask := func(command string, arguments with) {
		raw, _ := json.Marshal(with{"execute": command, "arguments": arguments})
		if _, err := q.Write(raw); err != nil {
			s.t.Fatal(err)
		}
		for {
			var answer struct {
				Return json.RawMessage
				Error  struct{ Desc string }
				QMP    json.RawMessage
				Event  string
			}
			if err := answers.Decode(&answer); err != nil {
				s.t.Fatal(err)
			}
			switch {
			case answer.Error.Desc != "":
				s.t.Fatalf("%s: %s", command, answer.Error.Desc)
			case answer.Return != nil:
				return
			}
		}
	}
	ask("qmp_capabilities", with{})
	ask("netdev_add", with{
		"type": "dgram", "id": "wire", "local": with{"type": "unix", "path": local}, "remote": with{"type": "unix", "path": remote},
	})
	ask("device_add", with{"driver": "virtio-net-pci", "id": "wired", "netdev": "wire", "mac": mac, "bus": fmt.Sprintf("rp%d", machine.Ports-1)})
}
