// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// proxyDir is the proxy's module, relative to the directory of this package.
const proxyDir = "../../../shared/conformance/contract"

// proxy is a running contract proxy in front of a cloud.
type proxy struct {
	URL    string
	cmd    *exec.Cmd
	output bytes.Buffer
	report string
}

// startProxy puts the contract proxy in front of the cloud at target. It skips the test where there
// is no proxy.
func startProxy(t *testing.T, target string) *proxy {
	t.Helper()
	if _, err := os.Stat(proxyDir); err != nil {
		t.Skipf("no contract to hold the cloud against: %v", err)
	}
	dir := t.TempDir()
	binary := filepath.Join(dir, "proxy")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".")
	build.Dir = proxyDir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the contract proxy: %v\n%s", err, out)
	}

	address := freeAddress(t)
	p := &proxy{URL: "http://" + address, report: filepath.Join(dir, "report.json")}
	p.cmd = exec.CommandContext(t.Context(), binary, "-target", target, "-listen", address, "-report", p.report)
	p.cmd.Dir = proxyDir // where its default for the contract leads from
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitForListener(t, address)
	return p
}

// stop ends the proxy and returns its findings.
func (p *proxy) stop(t *testing.T) *Report {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Fatalf("contract proxy: %v\n%s", err, p.output.String())
	}
	found, err := ReadReport(p.report)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// freeAddress finds a port of loopback that nobody listens on: the proxy cannot tell us one of its
// own choice.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func waitForListener(t *testing.T, address string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err == nil {
			connection.Close()
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("nobody listens on %s: %v", address, errors.Join(err, ctx.Err()))
		}
	}
}
