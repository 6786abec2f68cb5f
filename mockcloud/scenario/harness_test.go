// SPDX-License-Identifier: MPL-2.0

package scenario

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/sync/semaphore"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
)

const (
	hosts    = 3
	booting  = 2 // guests at a time: more only make each other slow
	newest   = "2.104"
	patience = time.Minute // of eventually and wait
)

// site is a cloud that runs: its directory, its URL, and a key that all its servers accept.
type site struct {
	root    string
	options local.Options
	address string
	stop    func() error // closes the cloud, whose machines run on
	connect func(ctx context.Context, server string, port uint16) (net.Conn, error)
	forked  bool // the cloud is a process of its own, which can be killed
	token   string
	project string
	image   string // the guest's
	network string // that servers are on unless they say another
	key     ssh.Signer
	boots   *semaphore.Weighted
}

// client speaks to a site for a test, as admin.
type client struct {
	*site
	t       testing.TB
	version string
	litter  *litter
}

func newClient(t testing.TB, s *site) *client {
	c := &client{site: s, t: t, version: newest, litter: &litter{}}
	t.Cleanup(c.sweep)
	return c
}

// shared is the cloud of all scenarios but those that restart theirs.
var shared = struct { //nolint:gochecknoglobals // made once for the process, taken down by TestMain
	once sync.Once
	site *site
	err  error
}{}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if dir := os.Getenv(childDir); dir != "" {
		return serveChild(dir, os.Getenv(childAddress))
	}
	if err := sweepDead(); err != nil {
		fmt.Fprintln(os.Stderr, "sweeping up after runs that were killed:", err)
	}
	endWithUs()
	sockets, err := os.MkdirTemp("", "run") // a short path, and ours alone
	if err == nil {
		err = os.Setenv("XDG_RUNTIME_DIR", sockets)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(sockets)
	code := m.Run()
	if shared.site != nil {
		if err := errors.Join(shared.site.leftovers(), shared.site.close()); err != nil {
			fmt.Fprintln(os.Stderr, "after all scenarios:", err)
			return 1
		}
	}
	return code
}

// unable tells why scenarios cannot run.
func unable() string {
	if os.Getenv("MOCKCLOUD_SCENARIOS") != "1" {
		return "scenarios boot dozens of guests: make test-qemu runs them"
	}
	for _, binary := range []string{"qemu-system-x86_64", "qemu-img"} {
		if _, err := exec.LookPath(binary); err != nil {
			return "there is no QEMU here: " + err.Error()
		}
	}
	if _, err := os.Stat(os.Getenv("MOCKCLOUD_GUEST_IMAGE")); err != nil {
		return "MOCKCLOUD_GUEST_IMAGE names no guest image: " + err.Error()
	}
	return ""
}

// cloud is the shared cloud for a test.
func cloud(t testing.TB) *client {
	t.Helper()
	if why := unable(); why != "" {
		t.Skip(why)
	}
	shared.once.Do(func() { shared.site, shared.err = newSite(local.Options{}, false) })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return newClient(t, shared.site)
}

// newCloud is a cloud for this test alone, with options of its own. It goes with the test.
func newCloud(t testing.TB, o local.Options) *client {
	t.Helper()
	if why := unable(); why != "" {
		t.Skip(why)
	}
	return own(t, o, false)
}

// own is newCloud, perhaps in a process of its own.
func own(t testing.TB, o local.Options, forked bool) *client {
	t.Helper()
	own, err := newSite(o, forked)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(own.leftovers(), own.close()); err != nil {
			t.Error(err)
		}
	})
	return newClient(t, own)
}

func newSite(o local.Options, forked bool) (*site, error) {
	root, err := os.MkdirTemp("", rootOf(os.Getpid())) // t.TempDir is too long for sockets
	if err != nil {
		return nil, err
	}
	o.Dir, o.Driver, o.TokenLife, o.GuestImage = filepath.Join(root, "state"), cmp.Or(o.Driver, "qemu"), 24*time.Hour, os.Getenv("MOCKCLOUD_GUEST_IMAGE")
	if o.Hosts == nil {
		o.Hosts = local.Hosts(hosts)
		o.Hosts[hosts-1].Cells = 2
	}
	if o.Accel == "" {
		o.Accel = "tcg"
	}
	level := slog.LevelWarn
	if testing.Verbose() {
		level = slog.LevelInfo
	}
	o.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, err
	}
	s := &site{root: root, options: o, forked: forked, address: "127.0.0.1:0", boots: semaphore.NewWeighted(booting)}
	if s.key, err = ssh.NewSignerFromKey(private); err != nil {
		return nil, err
	}
	if err := s.open(); err != nil {
		return nil, err
	}
	if err := s.furnish(); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// open opens the cloud on its directory and serves it on its address.
func (s *site) open() error {
	if s.forked {
		return errors.Join(s.fork(), s.login())
	}
	cloud, err := local.Open(context.Background(), s.options)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", s.address)
	if err != nil {
		return errors.Join(err, cloud.Close())
	}
	s.address, s.connect = listener.Addr().String(), cloud.Dial
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- cloud.Serve(ctx, listener) }()
	s.stop = func() error {
		cancel()
		return errors.Join(<-served, cloud.Close())
	}
	return errors.Join(cloud.Announce("http://"+s.address), s.login())
}

func (s *site) close() error { return errors.Join(s.stop(), os.RemoveAll(s.root)) }

// restart closes the cloud and opens it again, as a new process would. Only for newCloud's.
func (c *client) restart() {
	c.t.Helper()
	c.leave()
	c.reopen()
}

// leave closes the cloud; its machines run on.
func (c *client) leave() {
	c.t.Helper()
	if err := c.site.stop(); err != nil {
		c.t.Error(err)
	}
}

func (c *client) reopen() {
	c.t.Helper()
	if err := c.site.open(); err != nil {
		c.t.Fatal(err)
	}
}

func (s *site) login() error {
	admin, err := local.Credentials(s.options.Dir, "admin")
	if err != nil {
		return err
	}
	r, err := s.request(context.Background(), "POST", "/identity/v3/auth/tokens", map[string]any{"auth": map[string]any{
		"identity": map[string]any{"methods": []string{"password"}, "password": map[string]any{"user": map[string]any{
			"name": "admin", "domain": map[string]any{"id": "default"}, "password": admin.Auth.Password,
		}}},
		"scope": map[string]any{"project": map[string]any{"name": "admin", "domain": map[string]any{"id": "default"}}},
	}}, newest)
	if err != nil {
		return err
	}
	s.token = r.Header.Get("X-Subject-Token")
	var answer struct {
		Token struct{ Project struct{ ID string } }
	}
	defer r.Body.Close()
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil {
		return err
	}
	s.project = answer.Token.Project.ID
	return nil
}

// furnish makes what every scenario needs: a keypair, a network, a security group that lets ssh and ping
// in, and no quotas.
func (s *site) furnish() error {
	ask := func(method, path string, body any, into any) error {
		_, err := s.exchange(context.Background(), method, path, body, into, newest)
		return err
	}
	public := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(s.key.PublicKey())))
	var made struct{ Network struct{ ID string } }
	var images struct{ Images []struct{ ID string } }
	var groups struct {
		Groups []struct{ ID string } `json:"security_groups"`
	}
	err := errors.Join(
		ask("POST", "/os-keypairs", with{"keypair": with{"name": "scenario", "type": "ssh", "public_key": public}}, nil),
		ask("PUT", "/os-quota-sets/"+s.project, with{"quota_set": with{"instances": -1, "cores": -1, "ram": -1}}, nil),
		ask("POST", "/network/v2.0/networks", with{"network": with{"name": "scenario"}}, &made),
		ask("POST", "/network/v2.0/subnets", with{"subnet": with{
			"network_id": made.Network.ID, "cidr": "10.78.0.0/16", "ip_version": 4, "name": "scenario",
		}}, nil),
		ask("GET", "/image/v2/images?name="+mockcloud.GuestImage, nil, &images),
		ask("GET", "/network/v2.0/security-groups?name=default&project_id="+s.project, nil, &groups),
	)
	if err != nil {
		return err
	}
	if len(images.Images) != 1 || len(groups.Groups) != 1 {
		return fmt.Errorf("the guest image is %v, the default security group %v", images, groups)
	}
	s.image, s.network = images.Images[0].ID, made.Network.ID
	for _, rule := range []with{{"protocol": "tcp", "port_range_min": 22, "port_range_max": 22}, {"protocol": "icmp"}} {
		rule["security_group_id"], rule["direction"], rule["ethertype"] = groups.Groups[0].ID, "ingress", "IPv4"
		if err := ask("POST", "/network/v2.0/security-group-rules", with{"security_group_rule": rule}, nil); err != nil {
			return err
		}
	}
	return nil
}

// request sends one and hands over the answer, whatever it is.
func (s *site) request(ctx context.Context, method, path string, body any, version string) (*http.Response, error) {
	kind, content := "application/json", io.Reader(http.NoBody)
	switch b := body.(type) {
	case nil:
	case io.Reader: // an image's content
		kind, content = "application/octet-stream", b
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(raw)
	}
	if service, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/"); !strings.Contains("compute image network volume identity placement mock", service) {
		path = "/compute/v2.1" + path
	}
	r, err := http.NewRequestWithContext(ctx, method, "http://"+s.address+path, content)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("X-Auth-Token", s.token)
	r.Header.Set("OpenStack-API-Version", "compute "+version)
	return http.DefaultClient.Do(r)
}

// exchange is request that reads the answer into what is given, and takes no refusal.
func (s *site) exchange(ctx context.Context, method, path string, body, into any, version string) (int, error) {
	r, err := s.request(ctx, method, path, body, version)
	if err != nil {
		return 0, err
	}
	defer r.Body.Close()
	raw, err := io.ReadAll(r.Body)
	switch {
	case err != nil:
		return r.StatusCode, err
	case r.StatusCode >= http.StatusBadRequest:
		return r.StatusCode, fmt.Errorf("%s %s: %d %s", method, path, r.StatusCode, raw)
	case into == nil || len(raw) == 0:
		return r.StatusCode, nil
	}
	return r.StatusCode, json.Unmarshal(raw, into)
}
