// SPDX-License-Identifier: MPL-2.0

package local_test

import (
	"bufio"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// run runs a command in a guest as soon as it answers, and returns what it prints, less the last newline.
func (p *pair) run(id, command string) string {
	p.t.Helper()
	var said string
	var err error
	if !p.eventually(2*time.Minute, func() bool {
		said, err = p.login(id, command)
		return err == nil
	}) {
		p.t.Fatalf("%s: %v\n%s\n%s", command, err, said, p.console(id))
	}
	return strings.TrimSuffix(said, "\n")
}

func (p *pair) login(id, command string) (string, error) {
	ctx, cancel := context.WithTimeout(p.t.Context(), 15*time.Second)
	defer cancel()
	// TCP asks a guest that still boots ever more rarely: whoever asks anew gets in sooner.
	asking, stop := context.WithTimeout(ctx, 2*time.Second)
	defer stop()
	conn, err := p.connect(asking, id, 22)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	session, requests, answers, err := ssh.NewClientConn(conn, id, &ssh.ClientConfig{
		User: "root", Auth: []ssh.AuthMethod{ssh.PublicKeys(p.key)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(),
	})
	if err != nil {
		return "", err
	}
	client := ssh.NewClient(session, requests, answers)
	defer client.Close()
	shell, err := client.NewSession()
	if err != nil {
		return "", err
	}
	said, err := shell.CombinedOutput(command)
	return string(said), err
}

// upgraded is a connection whose first bytes were read together with the answer to its request.
type upgraded struct {
	net.Conn
	reader *bufio.Reader
}

func (u *upgraded) Read(b []byte) (int, error) { return u.reader.Read(b) }

// connect is what mockcloud connect does.
func (p *pair) connect(ctx context.Context, id string, port int) (net.Conn, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s/mock/v1/connect?server=%s&port=%d", p.url, id, port), nil)
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]string{"Connection": "Upgrade", "Upgrade": "tcp", "X-Auth-Token": p.token} {
		r.Header.Set(name, value)
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", r.URL.Host)
	if err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	if err := r.Write(conn); err != nil {
		return nil, err
	}
	reader := bufio.NewReader(conn)
	answer, err := http.ReadResponse(reader, r) //nolint:bodyclose // the connection is what has to be closed
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusSwitchingProtocols {
		defer conn.Close()
		var fault map[string]any
		_ = json.NewDecoder(answer.Body).Decode(&fault)
		return nil, fmt.Errorf("%s: %v", answer.Status, fault)
	}
	return &upgraded{conn, reader}, nil
}

// useCommand logs in with mockcloud ssh, as people do.
func (p *pair) useCommand() {
	p.t.Helper()
	if _, err := exec.LookPath("ssh"); err != nil {
		p.t.Log("mockcloud ssh is not tried: " + err.Error())
		return
	}
	command, key := filepath.Join(p.dir, "mockcloud"), filepath.Join(p.dir, "key")
	if out, err := exec.CommandContext(p.t.Context(), "go", "build", "-buildvcs=false", "-o", command, "../cmd/mockcloud").CombinedOutput(); err != nil {
		p.t.Fatalf("%v: %s", err, out)
	}
	block, err := ssh.MarshalPrivateKey(p.private, "")
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(key, pem.EncodeToMemory(block), 0o600); err != nil {
		p.t.Fatal(err)
	}
	said, err := exec.CommandContext(p.t.Context(), command, "--state-dir", p.state(), "ssh", "-i", key, "one", "--", "cat /kept; exit 7").Output()
	var ended *exec.ExitError
	if !errors.As(err, &ended) || ended.ExitCode() != 7 || string(said) != "kept\n" {
		p.t.Errorf("mockcloud ssh: %v, %q", err, said)
	}
}
