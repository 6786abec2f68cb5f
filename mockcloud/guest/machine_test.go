// SPDX-License-Identifier: MPL-2.0

package guest_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

// patience is how long anything may take on a busy machine that emulates.
const patience = 3 * time.Minute

// qemu is a running machine. QEMU connects to our sockets, so nothing here waits for a file.
type qemu struct {
	t       *testing.T
	ctx     context.Context
	ssh     string // address that reaches the guest's port 22
	qmp     *lines
	agent   *lines
	console *transcript
	keys    net.Conn // what is typed on the console
	seen    int      // what await has gone past
	exited  chan error
}

// boot starts a machine of 128 MiB on disk, with a config drive, and waits for the login prompt.
func boot(t *testing.T, disk, configDrive string) *qemu {
	t.Helper()
	ctx, cancel := clock.WithTimeout(t.Context(), clock.Wall(), patience)
	t.Cleanup(cancel)
	dir := socketDir(t)
	q := &qemu{t: t, ctx: ctx, ssh: freePort(t), exited: make(chan error, 1)}
	accepts := map[string]func() net.Conn{}
	for _, name := range []string{"qmp", "agent", "console"} {
		accepts[name] = listen(t, filepath.Join(dir, name))
	}
	cmd := exec.CommandContext(ctx, "qemu-system-x86_64", "-machine", "q35,accel=tcg", "-m", "128", "-nodefaults", "-display", "none",
		"-drive", "file="+disk+",if=virtio,format=qcow2", "-drive", "file="+configDrive+",if=virtio,format=raw,readonly=on",
		"-device", "virtio-rng-pci", "-device", "pvpanic", "-device", "pcie-root-port,id=rp0", "-device", "i6300esb", "-action", "watchdog=reset",
		"-netdev", "user,id=n0,restrict=on,hostfwd=tcp:"+q.ssh+"-:22", "-device", "virtio-net-pci,netdev=n0",
		"-netdev", "user,id=n1,restrict=on,net=10.7.0.0/24",
		"-qmp", "unix:"+filepath.Join(dir, "qmp"),
		"-serial", "unix:"+filepath.Join(dir, "console"),
		"-chardev", "socket,id=qga,path="+filepath.Join(dir, "agent"), "-device", "virtio-serial-pci",
		"-device", "virtserialport,chardev=qga,name=org.qemu.guest_agent.0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	began := clock.Wall().Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		err := cmd.Wait()
		if err != nil {
			err = fmt.Errorf("%w: %s", err, &stderr)
		}
		q.exited <- err
		close(done)
	}()
	t.Cleanup(func() { cancel(); <-done })
	q.keys = accepts["console"]()
	q.console = newTranscript(q.keys)
	q.qmp = newLines(accepts["qmp"]())
	q.agent = newLines(accepts["agent"]())
	q.qmp.next(t) // the greeting
	q.qmp.call(t, `{"execute":"qmp_capabilities"}`)
	q.await("login: ")
	t.Logf("exec to login prompt: %v", clock.Wall().Now().Sub(began).Round(10*time.Millisecond))
	return q
}

// await waits for the next occurrence of text on the console.
func (q *qemu) await(text string) {
	q.t.Helper()
	end, err := q.console.find(q.ctx, q.seen, text)
	if err != nil {
		q.t.Fatalf("waiting for %q: %v; the console says:\n%s", text, err, q.console)
	}
	q.seen = end
}

// awaitSaid waits until the console has said text, be it long ago.
func (q *qemu) awaitSaid(text string) {
	q.t.Helper()
	if _, err := q.console.find(q.ctx, 0, text); err != nil {
		q.t.Fatalf("waiting for %q: %v; the console says:\n%s", text, err, q.console)
	}
}

// dial logs in and checks that the host key is the one printed on the console.
func (q *qemu) dial(auth ssh.AuthMethod) (*ssh.Client, error) {
	q.t.Helper()
	found := regexp.MustCompile(`HOST KEY KEYS-----\s+(ssh-ed25519 \S+)`).FindAllStringSubmatch(q.console.String(), -1)
	if found == nil {
		q.t.Fatalf("no host key on the console:\n%s", q.console)
	}
	hostKey, _, _, _, err := ssh.ParseAuthorizedKey([]byte(found[len(found)-1][1]))
	if err != nil {
		q.t.Fatal(err)
	}
	return ssh.Dial("tcp", q.ssh, &ssh.ClientConfig{
		User: "root", Auth: []ssh.AuthMethod{auth}, HostKeyCallback: ssh.FixedHostKey(hostKey), Timeout: patience,
	})
}

// run runs a command in the guest and returns its output.
func (q *qemu) run(auth ssh.AuthMethod, command, stdin string) (string, error) {
	q.t.Helper()
	client, err := q.dial(auth)
	if err != nil {
		q.t.Fatalf("log in: %v; the console says:\n%s", err, q.console)
	}
	defer client.Close()
	session, err := client.NewSession()
	if err != nil {
		q.t.Fatal(err)
	}
	defer session.Close()
	session.Stdin = strings.NewReader(stdin)
	out, err := session.CombinedOutput(command)
	return string(out), err
}

// lines is a peer that speaks JSON in lines.
type lines struct {
	conn net.Conn
	in   *bufio.Reader
}

func newLines(conn net.Conn) *lines { return &lines{conn, bufio.NewReader(conn)} }

func (l *lines) next(t *testing.T) map[string]any {
	t.Helper()
	line, err := l.in.ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var message map[string]any
	if err := json.Unmarshal(bytes.TrimLeft(line, "\xff"), &message); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return message
}

// call sends a request and returns what is returned, beyond any events.
func (l *lines) call(t *testing.T, request string) any {
	t.Helper()
	if _, err := l.conn.Write([]byte(request + "\n")); err != nil {
		t.Fatal(err)
	}
	for {
		message := l.next(t)
		if result, ok := message["return"]; ok {
			return result
		}
		if message["error"] != nil {
			t.Fatalf("%s: %v", request, message["error"])
		}
	}
}

// event waits for an event of that name.
func (l *lines) event(t *testing.T, name string) {
	t.Helper()
	got := l.next(t)["event"]
	for got != name {
		got = l.next(t)["event"]
	}
}

// transcript is everything a console has said.
type transcript struct {
	mu   sync.Mutex
	text strings.Builder
	more chan struct{}
}

func newTranscript(conn net.Conn) *transcript {
	c := &transcript{more: make(chan struct{}, 1)}
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := conn.Read(buf)
			c.mu.Lock()
			c.text.Write(buf[:n])
			c.mu.Unlock()
			select {
			case c.more <- struct{}{}:
			default:
			}
			if err != nil {
				return
			}
		}
	}()
	return c
}

func (c *transcript) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.String()
}

// find waits until text is said behind start, and returns where it ends.
func (c *transcript) find(ctx context.Context, start int, text string) (int, error) {
	for {
		said := c.String()
		if i := strings.Index(said[start:], text); i >= 0 {
			return start + i + len(text), nil
		}
		select {
		case <-c.more:
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
}

// listen opens a socket and returns what accepts its one connection.
func listen(t *testing.T, path string) func() net.Conn {
	t.Helper()
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return func() net.Conn {
		t.Helper()
		if err := listener.(*net.UnixListener).SetDeadline(clock.Wall().Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		conn, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		if err := conn.SetReadDeadline(clock.Wall().Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		return conn
	}
}

// socketDir is a directory whose path is short enough for sockets.
func socketDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "guest")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
