// SPDX-License-Identifier: MPL-2.0

package scenario

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// server is one that a test made.
type server struct {
	*client
	ID, Name string

	mu    sync.Mutex
	shell *ssh.Client // one login serves many commands
}

// view is what the API shows of a server, as far as scenarios ask.
type view struct {
	ID, Name, Status string
	Host             string  `json:"OS-EXT-SRV-ATTR:host"`
	Task             *string `json:"OS-EXT-STS:task_state"`
	VM               string  `json:"OS-EXT-STS:vm_state"`
	Power            int     `json:"OS-EXT-STS:power_state"`
	Fault            struct {
		Code             int
		Message, Details string
	}
	Flavor struct {
		VCPUs, RAM, Disk int
	}
	Addresses map[string][]struct {
		Addr    string
		Version int
		Type    string `json:"OS-EXT-IPS:type"`
		MAC     string `json:"OS-EXT-IPS-MAC:mac_addr"`
	}
	Volumes []struct{ ID string } `json:"os-extended-volumes:volumes_attached"`
}

func taskOf(v view) string {
	if v.Task == nil {
		return "none"
	}
	return *v.Task
}

// boot makes a server and waits until one can log in. The fields are those of the API's create request
// and go over the defaults: m1.nano, the guest image, the harness's key, the shared network. user_data
// is plain text; "hints" are os:scheduler_hints; a nil takes a default away.
func (c *client) boot(fields with) *server {
	c.t.Helper()
	if err := c.boots.Acquire(context.Background(), 1); err != nil {
		c.t.Fatal(err)
	}
	defer c.boots.Release(1)
	s := c.create(fields)
	s.wait("ACTIVE")
	s.ready()
	return s
}

// create is boot that waits for nothing.
func (c *client) create(fields with) *server {
	c.t.Helper()
	body := with{
		"name": strings.ToLower(strings.NewReplacer("/", "-", "_", "-").Replace(c.t.Name())), "imageRef": c.image, "key_name": "scenario",
		"networks": []with{{"uuid": c.network}},
	}
	if fields["flavorRef"] == nil {
		body["flavorRef"] = c.flavor("m1.nano")
	}
	maps.Copy(body, fields)
	if text, ok := body["user_data"].(string); ok {
		body["user_data"] = base64.StdEncoding.EncodeToString([]byte(text))
	}
	request := with{}
	if hints, ok := body["hints"]; ok {
		request["os:scheduler_hints"] = hints
		delete(body, "hints")
	}
	maps.DeleteFunc(body, func(_ string, v any) bool { return v == nil })
	request["server"] = body
	var made struct{ Server struct{ ID string } }
	c.call("POST", "/servers", request, &made)
	c.later("/servers/" + made.Server.ID)
	return &server{client: c, ID: made.Server.ID, Name: fmt.Sprint(body["name"])}
}

// path is the server's in the API: s.path("/os-interface").
func (s *server) path(below string) string { return "/servers/" + s.ID + below }

func (s *server) show() view {
	s.t.Helper()
	var answer struct{ Server view }
	s.call("GET", s.path(""), nil, &answer)
	return answer.Server
}

// wait waits for the status, with no task under way.
func (s *server) wait(status string) view {
	s.t.Helper()
	var v view
	if s.until(3*patience, func() bool {
		v = s.show()
		return v.Task == nil && (v.Status == status || v.Status == "ERROR")
	}) && v.Status == status {
		return v
	}
	s.t.Fatalf("server %s is %s with the task %s, not %s: %s", s.Name, v.Status, taskOf(v), status, v.Fault.Message)
	return v
}

// do does an action: s.do("pause", nil), s.do("reboot", with{"type": "HARD"}).
func (s *server) do(action string, body any) {
	s.t.Helper()
	s.call("POST", s.path("/action"), with{action: body}, nil)
}

// ask is do with an answer.
func (s *server) ask(action string, body, out any) {
	s.t.Helper()
	s.call("POST", s.path("/action"), with{action: body}, out)
}

// refused does an action that must be refused with that status, and tells how.
func (s *server) refused(status int, action string, body any) string {
	s.t.Helper()
	got, err := s.try("POST", s.path("/action"), with{action: body}, nil)
	if got != status || err == nil {
		s.t.Errorf("%s: %d, not %d: %v", action, got, status, err)
		return ""
	}
	return err.Error()
}

// delete deletes the server now, and waits until it is gone.
func (s *server) delete() {
	s.t.Helper()
	s.remove(s.path(""))
}

// ready waits until one can log in.
func (s *server) ready() {
	s.t.Helper()
	var said string
	var err error
	if !s.until(2*patience, func() bool {
		said, err = s.attempt("true")
		return err == nil
	}) {
		s.t.Fatalf("%s cannot be logged in to: %v %s\n%s", s.Name, err, said, s.console())
	}
}

// run runs a shell command in the guest and tells what it prints, less white space around it. The guest
// may need a while to answer; a command that fails ends the test.
func (s *server) run(command string) string {
	s.t.Helper()
	s.ready()
	said, err := s.attempt(command)
	if err != nil {
		s.t.Fatalf("%s: %s: %v: %s", s.Name, command, err, said)
	}
	return said
}

// attempt is run without patience: an *ssh.ExitError is the command's, any other error the way's.
func (s *server) attempt(command string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	shell, err := s.logIn()
	if err != nil {
		return "", err
	}
	cut := time.AfterFunc(patience, func() { _ = shell.Close() })
	defer cut.Stop()
	session, err := shell.NewSession()
	if err != nil {
		return "", err
	}
	defer session.Close()
	said, err := session.CombinedOutput(command)
	return strings.TrimSpace(string(said)), err
}

// logIn tells the connection of before if the guest still answers on it, or makes a new one.
func (s *server) logIn() (*ssh.Client, error) {
	if s.shell != nil {
		cut := time.AfterFunc(2*time.Second, func() { _ = s.shell.Close() })
		_, _, err := s.shell.SendRequest("keepalive@openssh.com", true, nil)
		if cut.Stop() && err == nil {
			return s.shell, nil
		}
		_ = s.shell.Close()
		s.shell = nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	// TCP asks a guest that still boots ever more rarely: whoever asks anew gets in sooner.
	asking, stop := context.WithTimeout(ctx, 2*time.Second)
	defer stop()
	conn, err := s.dial(asking, 22)
	if err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	session, requests, answers, err := ssh.NewClientConn(conn, s.ID, &ssh.ClientConfig{
		User: "root", Auth: []ssh.AuthMethod{ssh.PublicKeys(s.key)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(),
	})
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	s.shell = ssh.NewClient(session, requests, answers)
	s.t.Cleanup(s.hangUp)
	return s.shell, nil
}

// hangUp forgets the login: the next one is new.
func (s *server) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shell != nil {
		_ = s.shell.Close()
		s.shell = nil
	}
}

// dial connects to a port of the guest, as mockcloud connect does.
func (s *server) dial(ctx context.Context, port uint16) (net.Conn, error) {
	return s.connect(ctx, s.ID, port)
}

// console is the log of the guest's console.
func (s *server) console() string {
	s.t.Helper()
	var answer struct{ Output string }
	s.ask("os-getConsoleOutput", with{}, &answer)
	return answer.Output
}

// bootID is another one after each boot of the guest.
func (s *server) bootID() string { s.t.Helper(); return s.run("cat /proc/sys/kernel/random/boot_id") }

// fixed is the server's first address.
func (s *server) fixed() string {
	s.t.Helper()
	for _, list := range s.show().Addresses {
		return list[0].Addr
	}
	s.t.Fatalf("%s has no address", s.Name)
	return ""
}

// dir is the directory of the server's machine on its host.
func (s *server) dir() string {
	return filepath.Join(s.options.Dir, "hosts", s.show().Host, "machines", s.ID)
}

// pid is the process of the server's QEMU.
func (s *server) pid() int {
	s.t.Helper()
	raw, err := os.ReadFile(filepath.Join(s.dir(), "qemu.json"))
	if err != nil {
		s.t.Fatal(err)
	}
	var record struct{ PID int }
	if err := json.Unmarshal(raw, &record); err != nil {
		s.t.Fatal(err)
	}
	return record.PID
}
