// SPDX-License-Identifier: MPL-2.0

package local_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
)

// The environment of the process that is killed.
const (
	childDir    = "MOCKCLOUD_CHILD_DIR"
	childDriver = "MOCKCLOUD_CHILD_DRIVER" // "guest" is QEMU with the guest image
)

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
	cloud, err := local.Open(context.Background(), local.Options{
		Dir: dir, Driver: strings.Replace(driver, "guest", "qemu", 1), NoGuest: driver != "guest", Accel: "tcg",
		Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	fail(err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	fail(err)
	fail(cloud.Announce(local.URL(listener)))
	fmt.Println(local.URL(listener))
	fail(cloud.Serve(context.Background(), listener))
}

// site is a cloud in a process of its own, which dies and comes back on the same state.
type site struct {
	t      testing.TB
	dir    string
	driver string
	child  *exec.Cmd
	url    string
	token  string
}

// newSite starts a cloud, and takes it down with the test.
func newSite(t testing.TB, driver string) *site {
	t.Helper()
	s := prepareSite(t, driver)
	s.start()
	return s
}

// prepareSite is newSite without the start.
func prepareSite(t testing.TB, driver string) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir(), driver: driver}
	if err := os.Mkdir(filepath.Join(s.dir, "runtime"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.end)
	return s
}

// state is the cloud's directory; the sockets of its machines are beside it.
func (s *site) state() string { return filepath.Join(s.dir, "state") }

// launch starts the process and tells where its standard output is read.
func (s *site) launch() io.Reader {
	s.t.Helper()
	s.child = exec.CommandContext(context.Background(), os.Args[0])
	s.child.Env = append(os.Environ(), childDir+"="+s.state(), childDriver+"="+s.driver,
		"XDG_RUNTIME_DIR="+filepath.Join(s.dir, "runtime"))
	s.child.Stderr = &testWriter{s.t}
	out, err := s.child.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.child.Start(); err != nil {
		s.t.Fatal(err)
	}
	return out
}

// start starts the process, waits until it serves, and logs in.
func (s *site) start() {
	s.t.Helper()
	line, err := bufio.NewReader(s.launch()).ReadString('\n')
	if err != nil {
		s.t.Fatalf("the cloud did not start: %v", err)
	}
	s.url = strings.TrimSpace(line)
	admin, err := local.Credentials(s.state(), "admin")
	if err != nil {
		s.t.Fatal(err)
	}
	status, header, _ := s.send("POST", "/identity/v3/auth/tokens", `{"auth":{"identity":{"methods":["password"],"password":{"user":`+
		`{"name":"admin","domain":{"id":"default"},"password":"`+admin.Auth.Password+`"}}},"scope":{"project":{"name":"admin","domain":{"id":"default"}}}}}`)
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

// end takes everything down that the test made: machines would outlive the cloud.
func (s *site) end() {
	if s.child == nil || s.child.Process == nil {
		return
	}
	s.clear()
	s.kill()
}

// clear deletes all servers and waits until they are gone.
func (s *site) clear() {
	for _, v := range s.servers() {
		_, _, _ = s.try("DELETE", "/compute/v2.1/servers/"+v.ID, "")
	}
	if !s.eventually(30*time.Second, func() bool { return len(s.servers()) == 0 }) {
		s.t.Error("servers are left over")
	}
}

type server struct {
	ID, Name, Status string
	Task             *string `json:"OS-EXT-STS:task_state"`
	VM               string  `json:"OS-EXT-STS:vm_state"`
	Fault            struct{ Message string }
	Addresses        map[string][]struct{ Addr string }
}

// servers are all that there are; none, too, when the cloud does not answer.
func (s *site) servers() []server {
	_, _, body := s.try("GET", "/compute/v2.1/servers/detail?all_tenants=1", "")
	var list struct{ Servers []server }
	_ = json.Unmarshal([]byte(body), &list)
	return list.Servers
}

// eventually asks until ok says yes, at most for that long.
func (s *site) eventually(limit time.Duration, ok func() bool) bool {
	for end := time.Now().Add(limit); ; {
		if ok() {
			return true
		}
		if time.Now().After(end) {
			return false
		}
		<-time.After(25 * time.Millisecond)
	}
}

// make makes something and returns its id; key is what the answer wraps it in.
func (s *site) make(path, body, key string) string {
	s.t.Helper()
	status, _, answer := s.send("POST", path, body)
	if status >= http.StatusBadRequest {
		s.t.Fatalf("POST %s: %d %s", path, status, answer)
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

// send sends a request that must be answered.
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
	r.Header.Set("OpenStack-API-Version", "compute 2.37")
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
type testWriter struct{ t testing.TB }

func (w *testWriter) Write(b []byte) (int, error) {
	w.t.Log(strings.TrimRight(string(b), "\n"))
	return len(b), nil
}
