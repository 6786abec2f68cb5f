// SPDX-License-Identifier: MPL-2.0

package local_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
)

// The environment of the process that is killed.
const (
	childDir    = "MOCKCLOUD_CRASH_DIR"
	childDriver = "MOCKCLOUD_CRASH_DRIVER"
	// roundsVar asks for more rounds than the few of every run.
	roundsVar = "MOCKCLOUD_CRASH_ROUNDS"
)

// password is that of the cloud under test, which nobody else can reach.
const password = "crash-test"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		serve(dir, os.Getenv(childDriver))
		return
	}
	os.Exit(m.Run())
}

// serve is the process that is killed: it tells its URL on standard output and serves until then.
func serve(dir, driver string) {
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, "child:", err)
			os.Exit(1)
		}
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	cloud, err := local.Open(context.Background(), local.Options{
		Dir: dir, Driver: driver, Log: log, Accel: "tcg", Passwords: map[string]string{"admin": password, "demo": password},
	})
	fail(err)
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	fail(err)
	fmt.Println(local.URL(listener))
	fail(cloud.Serve(context.Background(), listener))
}

// TestCrashSim kills a cloud of simulated servers at random moments.
func TestCrashSim(t *testing.T) {
	t.Parallel()
	crash(t, "sim", 15)
}

// TestCrashQEMU does the same to real ones.
func TestCrashQEMU(t *testing.T) {
	t.Parallel()
	for _, binary := range []string{"qemu-system-x86_64", "qemu-img"} {
		if _, err := exec.LookPath(binary); err != nil {
			t.Skip("there is no QEMU here: " + err.Error())
		}
	}
	if testing.Short() {
		t.Skip("real machines take seconds")
	}
	crash(t, "qemu", 3)
}

// site is the cloud as its users know it: what they were told, across its deaths.
type site struct {
	t       *testing.T
	dir     string
	driver  string
	child   *exec.Cmd
	url     string
	token   string
	random  *rand.Rand
	image   string
	network string
	alive   map[string]bool // servers that were promised, and not asked to go
	doomed  map[string]bool // servers that Nova promised to delete
}

func crash(t *testing.T, driver string, rounds int) {
	t.Helper()
	if text := os.Getenv(roundsVar); text != "" {
		var err error
		if rounds, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	s := &site{
		t: t, dir: t.TempDir(), driver: driver, random: rand.New(rand.NewPCG(seed, 1)), //nolint:gosec // a test's choices
		alive: map[string]bool{}, doomed: map[string]bool{},
	}
	t.Cleanup(s.end)
	s.start()
	s.prepare()
	for round := range rounds {
		s.disturb()
		s.kill()
		s.start()
		s.check()
		if t.Failed() {
			t.Fatalf("round %d", round+1)
		}
	}
}

// start starts the process and logs in.
func (s *site) start() {
	s.t.Helper()
	s.child = exec.CommandContext(context.Background(), os.Args[0]) //nolint:gosec // this test itself
	s.child.Env = append(os.Environ(), childDir+"="+s.dir, childDriver+"="+s.driver)
	s.child.Stderr = &testWriter{s.t}
	out, err := s.child.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.child.Start(); err != nil {
		s.t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		s.t.Fatalf("the cloud did not start: %v", err)
	}
	s.url = strings.TrimSpace(line)
	status, header, _ := s.send("POST", "/identity/v3/auth/tokens", `{"auth":{"identity":{"methods":["password"],"password":{"user":`+
		`{"name":"admin","domain":{"id":"default"},"password":"`+password+`"}}},"scope":{"project":{"name":"admin","domain":{"id":"default"}}}}}`)
	if status != http.StatusCreated {
		s.t.Fatalf("no token: %d", status)
	}
	s.token = header.Get("X-Subject-Token")
}

// kill ends the process as a power cut would.
func (s *site) kill() {
	_ = s.child.Process.Kill()
	_ = s.child.Wait()
}

// end takes everything down that the test made.
func (s *site) end() {
	if s.child == nil || s.child.Process == nil {
		return
	}
	for id := range s.alive {
		_, _, _ = s.try("DELETE", "/compute/v2.1/servers/"+id, "")
	}
	for range 100 {
		if len(s.servers()) == 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.kill()
}

// prepare makes what servers need: an image that boots nothing, and a network.
func (s *site) prepare() {
	s.image = s.id("POST", "/image/v2/images", `{"name":"nothing","disk_format":"raw","container_format":"bare","visibility":"public"}`, "")
	if status, _, body := s.send("PUT", "/image/v2/images/"+s.image+"/file", strings.Repeat("\x00", 1<<16)); status != http.StatusNoContent {
		s.t.Fatalf("upload: %d %s", status, body)
	}
	s.network = s.id("POST", "/network/v2.0/networks", `{"network":{"name":"n"}}`, "network")
	s.id("POST", "/network/v2.0/subnets", `{"subnet":{"network_id":"`+s.network+`","cidr":"10.77.0.0/16","ip_version":4}}`, "subnet")
}

// disturb asks for random things and returns at a random moment of them.
func (s *site) disturb() {
	for range 1 + s.random.IntN(4) {
		switch n := s.random.IntN(4); {
		case n <= 1 || len(s.alive) == 0:
			if len(s.alive) >= 6 {
				continue
			}
			status, _, body := s.try("POST", "/compute/v2.1/servers", fmt.Sprintf(
				`{"server":{"name":"s","flavorRef":"42","imageRef":"%s","networks":[{"uuid":"%s"}]}}`, s.image, s.network))
			if status != http.StatusAccepted {
				s.t.Errorf("create: %d %s", status, body)
				continue
			}
			var made struct{ Server struct{ ID string } }
			s.decode(body, &made)
			s.alive[made.Server.ID] = true
		case n == 2:
			action := []string{`{"os-stop":null}`, `{"os-start":null}`, `{"reboot":{"type":"HARD"}}`}[s.random.IntN(3)]
			_, _, _ = s.try("POST", "/compute/v2.1/servers/"+s.anyone()+"/action", action) // 409 is an answer too
		default:
			id := s.anyone()
			if status, _, _ := s.try("DELETE", "/compute/v2.1/servers/"+id, ""); status == http.StatusNoContent {
				delete(s.alive, id)
				s.doomed[id] = true
			}
		}
	}
	spread := 30 * time.Millisecond
	if s.driver == "qemu" {
		spread = time.Second
	}
	time.Sleep(time.Duration(s.random.Int64N(int64(spread))))
}

func (s *site) anyone() string {
	ids := make([]string, 0, len(s.alive))
	for id := range s.alive {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids[s.random.IntN(len(ids))]
}

type server struct {
	ID, Status string
	Task       *string `json:"OS-EXT-STS:task_state"`
	VM         string  `json:"OS-EXT-STS:vm_state"`
}

func (s *site) servers() []server {
	_, _, body := s.try("GET", "/compute/v2.1/servers/detail?all_tenants=1", "")
	var list struct{ Servers []server }
	_ = json.Unmarshal([]byte(body), &list)
	return list.Servers
}

// check holds the cloud to its word: what was promised is there, what was doomed is gone, nothing is
// under way for ever, and nothing is left over.
func (s *site) check() {
	s.t.Helper()
	var list []server
	for range 400 {
		list = s.servers()
		if !slices.ContainsFunc(list, func(v server) bool { return v.Task != nil || s.doomed[v.ID] }) {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	there := map[string]server{}
	for _, v := range list {
		there[v.ID] = v
		if v.Task != nil || !slices.Contains([]string{"ACTIVE", "SHUTOFF", "ERROR"}, v.Status) {
			s.t.Errorf("server %s is stuck: %s, vm_state %s, task_state %v", v.ID, v.Status, v.VM, v.Task)
		}
		if s.doomed[v.ID] {
			s.t.Errorf("server %s was to be deleted and is %s", v.ID, v.Status)
		}
		if !s.alive[v.ID] && !s.doomed[v.ID] { // the answer to its create was lost in the crash
			s.alive[v.ID] = true
		}
	}
	for id := range s.alive {
		if _, ok := there[id]; !ok {
			s.t.Errorf("server %s is lost", id)
		}
	}
	s.checkPorts(there)
	s.checkMachines(there)
}

func (s *site) checkPorts(there map[string]server) {
	s.t.Helper()
	_, _, body := s.send("GET", "/network/v2.0/ports", "")
	var ports struct {
		Ports []struct {
			ID     string
			Device string `json:"device_id"`
			Owner  string `json:"device_owner"`
		}
	}
	s.decode(body, &ports)
	for _, p := range ports.Ports {
		if _, ok := there[p.Device]; strings.HasPrefix(p.Owner, "compute:") && !ok {
			s.t.Errorf("port %s is left over of server %s", p.ID, p.Device)
		}
	}
}

// checkMachines compares the servers with what the hosts keep, and with the processes that run.
func (s *site) checkMachines(there map[string]server) {
	s.t.Helper()
	pattern := map[string]string{"sim": "hosts/*/simulated/*", "qemu": "hosts/*/machines/*"}[s.driver]
	kept, err := filepath.Glob(filepath.Join(s.dir, pattern))
	if err != nil {
		s.t.Fatal(err)
	}
	machines := map[string]bool{}
	for _, path := range kept {
		id, _, _ := strings.Cut(filepath.Base(path), ".")
		machines[id] = true
		if _, ok := there[id]; !ok {
			s.t.Errorf("machine %s has no server", path)
		}
	}
	for id, v := range there {
		if v.Status != "ERROR" && !machines[id] {
			s.t.Errorf("server %s is %s and has no machine", id, v.Status)
		}
	}
	if s.driver == "qemu" {
		s.checkProcesses(there)
	}
}

func (s *site) checkProcesses(there map[string]server) {
	s.t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		s.t.Fatal(err)
	}
	running := map[string]int{}
	for _, path := range lines {
		line, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(line), s.dir) || !strings.Contains(string(line), "qemu-system") {
			continue
		}
		for id := range there {
			if strings.Contains(string(line), id) {
				running[id]++
			}
		}
		if !slices.ContainsFunc(slices.Collect(maps.Keys(there)), func(id string) bool { return strings.Contains(string(line), id) }) {
			s.t.Errorf("a QEMU without a server: %s", path)
		}
	}
	for id, v := range there {
		want := 0
		if v.Status == "ACTIVE" {
			want = 1
		}
		if v.Status != "ERROR" && running[id] != want {
			s.t.Errorf("server %s is %s with %d QEMU processes", id, v.Status, running[id])
		}
	}
}

// id makes something and returns its id.
func (s *site) id(method, path, body, key string) string {
	s.t.Helper()
	status, _, answer := s.send(method, path, body)
	if status >= http.StatusBadRequest {
		s.t.Fatalf("%s %s: %d %s", method, path, status, answer)
	}
	var made map[string]any
	s.decode(answer, &made)
	if inner, ok := made[key].(map[string]any); ok {
		made = inner
	}
	return fmt.Sprint(made["id"])
}

func (s *site) decode(body string, into any) {
	s.t.Helper()
	if err := json.Unmarshal([]byte(body), into); err != nil {
		s.t.Fatalf("%v in %s", err, body)
	}
}

func (s *site) send(method, path, body string) (int, http.Header, string) {
	s.t.Helper()
	status, header, answer := s.try(method, path, body)
	if status == 0 {
		s.t.Fatalf("%s %s: no answer", method, path)
	}
	return status, header, answer
}

// try sends a request; status 0 is no answer.
func (s *site) try(method, path, body string) (int, http.Header, string) {
	r, err := http.NewRequestWithContext(context.Background(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		return 0, nil, ""
	}
	r.Header.Set("Content-Type", "application/json")
	if strings.HasSuffix(path, "/file") {
		r.Header.Set("Content-Type", "application/octet-stream")
	}
	r.Header.Set("X-Auth-Token", s.token)
	r.Header.Set("OpenStack-API-Version", "compute 2.30")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, ""
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, nil, ""
	}
	return answer.StatusCode, answer.Header, string(text)
}

// testWriter passes a child's complaints to the test's log.
type testWriter struct{ t *testing.T }

func (w *testWriter) Write(b []byte) (int, error) {
	w.t.Log(strings.TrimRight(string(b), "\n"))
	return len(b), nil
}
