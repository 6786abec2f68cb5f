// SPDX-License-Identifier: MPL-2.0

package scenario

import (
	"crypto/ed25519"
	"encoding/pem"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
)

// quarter is two networks of both IP versions that a router joins, red with SLAAC and blue with DHCPv6, with a
// server on blue and two on red.
type quarter struct {
	*client
	router             string
	red, blue          string   // networks
	subnets            []string // red's and blue's IPv4, red's and blue's IPv6
	alpha, beta, gamma *server
}

// portOf is a server's port, as Neutron shows it.
type portOf struct {
	ID       string
	FixedIPs []struct {
		IP string `json:"ip_address"`
	} `json:"fixed_ips"`
}

func (p portOf) address(v6 bool) string {
	for _, ip := range p.FixedIPs {
		if strings.Contains(ip.IP, ":") == v6 {
			return ip.IP
		}
	}
	return ""
}

func (s *server) port() portOf {
	s.t.Helper()
	var answer struct{ Ports []portOf }
	s.call("GET", "/network/v2.0/ports?device_id="+s.ID, nil, &answer)
	if len(answer.Ports) != 1 {
		s.t.Fatalf("%s has the ports %v", s.Name, answer.Ports)
	}
	return answer.Ports[0]
}

// TestRouting does to networks what Neutron's routers and floating IPs do, and looks from inside the guests and
// from this machine. Its cloud is its own, for the loopback addresses are.
func TestRouting(t *testing.T) {
	t.Parallel()
	floating := netip.PrefixFrom(netip.AddrFrom4([4]byte{127, byte(65 + os.Getpid()%180), 0, 0}), 16)
	q := &quarter{client: newCloud(t, local.Options{FloatingRange: floating, SOCKS: freeAddress(t)})}
	q.lay()
	q.settle()
	for _, check := range []struct {
		name string
		run  func(*quarter)
	}{
		{"names", (*quarter).names},
		{"domains", (*quarter).domains},
		{"IPv6", (*quarter).ipv6},
		{"joined", (*quarter).joined},
		{"floating IP", (*quarter).floating},
		{"hairpin", (*quarter).hairpin},
		{"SOCKS", (*quarter).socks},
	} {
		t.Run(check.name, func(t *testing.T) {
			on := *q
			on.client = newClient(t, q.site)
			on.alpha, on.beta, on.gamma = q.alpha.of(on.client), q.beta.of(on.client), q.gamma.of(on.client)
			check.run(&on)
		})
	}
}

// freeAddress is a loopback address that nobody listens on.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// of is the server for a test of its own.
func (s *server) of(c *client) *server { return &server{client: c, ID: s.ID, Name: s.Name} }

// lay makes networks, router and the rules that let the host and the guests in.
func (q *quarter) lay() {
	q.t.Helper()
	q.red = q.make("/network/v2.0/networks", "network", with{"name": "red"})
	q.blue = q.make("/network/v2.0/networks", "network", with{"name": "blue"})
	for _, s := range []with{
		{"network_id": q.red, "cidr": "10.81.0.0/24", "ip_version": 4},
		{"network_id": q.blue, "cidr": "192.0.2.0/24", "ip_version": 4}, // from where floating IPs are called elsewhere
		{"network_id": q.red, "cidr": "fd00:81::/64", "ip_version": 6, "ipv6_ra_mode": "slaac", "ipv6_address_mode": "slaac"},
		{"network_id": q.blue, "cidr": "fd00:82::/64", "ip_version": 6, "ipv6_ra_mode": "dhcpv6-stateful", "ipv6_address_mode": "dhcpv6-stateful"},
	} {
		q.subnets = append(q.subnets, q.make("/network/v2.0/subnets", "subnet", s))
	}
	public := q.named("/network/v2.0/networks", "networks", "public")
	q.router = q.make("/network/v2.0/routers", "router", with{"name": "corner", "external_gateway_info": with{"network_id": public}})
	for _, s := range q.subnets {
		q.join(s, "add")
		q.t.Cleanup(func() { q.join(s, "remove") })
	}
	for _, rule := range []with{
		{"ethertype": "IPv6", "protocol": "ipv6-icmp"},
		{"ethertype": "IPv4", "protocol": "tcp", "port_range_min": 8080, "port_range_max": 8080},
		{"ethertype": "IPv4", "protocol": "udp", "port_range_min": 7007, "port_range_max": 7007},
	} {
		rule["security_group_id"], rule["direction"] = q.defaultGroup(), "ingress"
		q.make("/network/v2.0/security-group-rules", "security_group_rule", rule)
	}
}

func (q *quarter) defaultGroup() string {
	q.t.Helper()
	return q.named("/network/v2.0/security-groups?project_id="+q.project, "security_groups", "default")
}

// join adds a subnet to the router, or removes it.
func (q *quarter) join(subnet, verb string) {
	q.t.Helper()
	q.call("PUT", "/network/v2.0/routers/"+q.router+"/"+verb+"_router_interface", with{"subnet_id": subnet}, nil)
}

func (q *quarter) settle() {
	q.t.Helper()
	for name, at := range map[string]struct {
		network string
		s       **server
	}{"alpha": {q.red, &q.alpha}, "gamma": {q.red, &q.gamma}, "beta": {q.blue, &q.beta}} {
		*at.s = q.create(with{"name": name, "networks": []with{{"uuid": at.network}}})
	}
	for _, s := range []*server{q.alpha, q.beta, q.gamma} {
		s.wait("ACTIVE")
		s.ready()
	}
}

func (q *quarter) names() {
	gamma := q.gamma.port().address(false)
	if got := q.alpha.run("nslookup gamma"); !strings.Contains(got, gamma) {
		q.t.Errorf("gamma is %s, not %s", got, gamma)
	}
	if got := q.alpha.run("nslookup " + gamma); !strings.Contains(got, "gamma.openstacklocal") {
		q.t.Errorf("%s is %s", gamma, got)
	}
	q.alpha.run("ping -c 2 -W 5 gamma")
}

func (q *quarter) ipv6() {
	for _, s := range []*server{q.alpha, q.beta} {
		own := s.port().address(true)
		q.eventually(s.Name+" has its fixed address, and nobody else has", func() bool {
			said := s.run("ip -6 addr show")
			return strings.Contains(said, own+"/") && !strings.Contains(said, "tentative")
		})
	}
	q.alpha.run("ping -6 -c 2 -W 5 " + q.beta.port().address(true))
	q.beta.run("ping -6 -c 2 -W 5 " + q.alpha.port().address(true))
	said := q.alpha.run(`{ printf 'GET /openstack/latest/meta_data.json HTTP/1.0\r\n\r\n'; sleep 2; } | nc -w 5 fe80::a9fe:a9fe%eth0 80`)
	if !strings.Contains(said, q.alpha.ID) {
		q.t.Errorf("metadata over IPv6: %s", said)
	}
}

func (q *quarter) joined() {
	beta := q.beta.port().address(false)
	q.alpha.run("ping -c 2 -W 5 " + beta)
	if hops := q.alpha.run("traceroute -n -q 1 -w 3 -m 3 " + beta); !strings.Contains(hops, "10.81.0.1") {
		q.t.Errorf("hops: %s", hops)
	}
	q.join(q.subnets[1], "remove")
	if said, err := q.alpha.attempt("ping -c 2 -W 2 " + beta); err == nil {
		q.t.Errorf("without an interface: %s", said)
	}
	q.join(q.subnets[1], "add")
	q.alpha.run("ping -c 2 -W 5 " + beta)
	state := func(up bool) {
		q.call("PUT", "/network/v2.0/routers/"+q.router, with{"router": with{"admin_state_up": up}}, nil)
	}
	state(false)
	if said, err := q.alpha.attempt("ping -c 2 -W 2 " + beta); err == nil {
		q.t.Errorf("through a router that is down: %s", said)
	}
	state(true)
	q.alpha.run("ping -c 2 -W 5 " + beta)
}

// door is where to dial a TCP port of a floating IP; "" if nobody listens.
func (q *quarter) door(address string, port int) string { return q.doorOf("tcp", address, port) }

func (q *quarter) doorOf(protocol, address string, port int) string {
	q.t.Helper()
	var answer struct {
		Floating []struct {
			Address  string `json:"floating_ip_address"`
			Protocol string
			Port     int
			Dial     string
		}
	}
	q.call("GET", "/mock/v1/floating", nil, &answer)
	for _, d := range answer.Floating {
		if d.Address == address && d.Protocol == protocol && d.Port == port {
			return d.Dial
		}
	}
	return ""
}

func (q *quarter) floating() {
	t := q.t
	var made struct {
		FloatingIP struct {
			ID, Status string
			Address    string `json:"floating_ip_address"`
		}
	}
	port := q.alpha.port().ID
	public := q.named("/network/v2.0/networks", "networks", "public")
	q.call("POST", "/network/v2.0/floatingips", with{"floatingip": with{"floating_network_id": public, "port_id": port}}, &made)
	fip := made.FloatingIP
	q.later("/network/v2.0/floatingips/" + fip.ID)
	if fip.Status != "ACTIVE" {
		t.Errorf("the floating IP is %s", fip.Status)
	}
	at := q.door(fip.Address, 22)
	host, number, err := net.SplitHostPort(at)
	if err != nil || host != fip.Address {
		t.Fatalf("port 22 of %s is at %q", fip.Address, at)
	}
	if got := sshTo(t, q.alpha, host, number, "hostname"); got != "alpha" {
		t.Errorf("ssh %s leads to %q", at, got)
	}
	q.datagrams(fip.Address)
	if open := q.door(fip.Address, 8081); open != "" {
		t.Errorf("a port that no rule opens is at %s", open)
	}
	secure := func(groups ...string) {
		q.call("PUT", "/network/v2.0/ports/"+port, with{"port": with{"security_groups": append([]string{}, groups...)}}, nil)
	}
	secure()
	if c, err := net.Dial("tcp", at); err == nil {
		_ = c.Close()
		t.Error("without a rule somebody listens")
	}
	if open := q.doorOf("udp", fip.Address, 7007); open != "" {
		t.Errorf("without a rule datagrams are taken at %s", open)
	}
	secure(q.defaultGroup())
	serveFile(q.alpha)
	began := time.Now()
	raw, err := exec.Command("curl", "-sS", "--max-time", "50", "-o", os.DevNull, "-w", "%{http_code} %{size_download} %{speed_download}", "http://"+q.door(fip.Address, 8080)+"/zero").CombinedOutput()
	if err != nil || !strings.HasPrefix(string(raw), fmt.Sprintf("200 %d ", 16<<20)) {
		t.Errorf("curl: %v: %s", err, raw)
	}
	t.Logf("through the floating IP: %s bytes/s in %v", raw, time.Since(began))
	q.call("PUT", "/network/v2.0/floatingips/"+fip.ID, with{"floatingip": with{"port_id": nil}}, nil)
	if c, err := net.Dial("tcp", at); err == nil {
		_ = c.Close()
		t.Error("a floating IP that leads nowhere is listened for")
	}
}

// serveFile serves /zero, 16 MiB, on port 8080 of the guest.
func serveFile(s *server) {
	s.t.Helper()
	s.run("mkdir -p /tmp/www && dd if=/dev/zero of=/tmp/www/zero bs=1M count=16 2>/dev/null && (pidof httpd || httpd -p 8080 -h /tmp/www)")
}

// sshTo runs a command with OpenSSH's client.
func sshTo(t testing.TB, s *server, host, port, command string) string {
	t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "scenario")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	s.run("echo '" + strings.TrimSpace(string(ssh.MarshalAuthorizedKey(signer.PublicKey()))) + "' >> /root/.ssh/authorized_keys")
	said, err := exec.Command("ssh", "-F", "none", "-i", file, "-p", port, "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "ConnectTimeout=30",
		"-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile="+os.DevNull, "-o", "LogLevel=ERROR", "root@"+host, command).CombinedOutput()
	if err != nil {
		t.Fatalf("ssh %s:%s: %v: %s", host, port, err, said)
	}
	return strings.TrimSpace(string(said))
}

func (q *quarter) socks() {
	serveFile(q.beta)
	address := q.beta.port().address(false)
	for _, c := range []struct{ user, host, want string }{
		{"", "beta", "200"},
		{"", "beta.openstacklocal", "200"},
		{"", address, "200"},
		{"blue:x@", "beta", "200"},
		{"red:x@", "beta", "000"},
		{"", "nobody", "000"},
	} {
		raw, _ := exec.Command("curl", "-s", "--max-time", "50", "-o", os.DevNull, "-w", "%{http_code}",
			"--proxy", "socks5h://"+c.user+q.options.SOCKS, "http://"+c.host+":8080/zero").Output()
		if string(raw) != c.want {
			q.t.Errorf("%s%s: %s, not %s", c.user, c.host, raw, c.want)
		}
	}
}
