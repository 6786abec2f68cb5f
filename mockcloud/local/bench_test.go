// SPDX-License-Identifier: MPL-2.0

package local_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/guest"
)

// BenchmarkSSH is from the start of a server to the end of a first command over SSH: through mockcloud
// (os-start), and by hand, by the same QEMU command line on the same disk and network. The two take
// turns, so that a busy machine is busy for both.
func BenchmarkSSH(b *testing.B) {
	needQEMU(b)
	if err := guest.Check(); err != nil {
		b.Skip("the guest image cannot be built here: " + err.Error())
	}
	p := newPair(b)
	p.ready(p.one)
	line := p.commandLine(p.one)
	p.act(p.two, `{"os-stop":null}`, "SHUTOFF")
	p.act(p.one, `{"os-stop":null}`, "SHUTOFF")
	var through, hand time.Duration
	rounds := 0
	for b.Loop() {
		rounds++
		began := time.Now()
		if status, _, body := p.send("POST", "/compute/v2.1/servers/"+p.one+"/action", `{"os-start":null}`); status != http.StatusAccepted {
			b.Fatal(body)
		}
		p.ready(p.one)
		through += time.Since(began)
		p.act(p.one, `{"os-stop":null}`, "SHUTOFF")

		began = time.Now()
		qemu := exec.CommandContext(b.Context(), line[0], line[1:]...)
		qemu.Stderr = os.Stderr
		if err := qemu.Start(); err != nil {
			b.Fatal(err)
		}
		p.ready(p.one)
		hand += time.Since(began)
		_ = qemu.Process.Kill()
		_ = qemu.Wait() // it was killed
	}
	b.ReportMetric(through.Seconds()/float64(rounds), "s/mockcloud")
	b.ReportMetric(hand.Seconds()/float64(rounds), "s/by-hand")
	b.ReportMetric(through.Seconds()/hand.Seconds(), "ratio")
}

// ready waits until the guest has said once more that it is, and logs in. To dial before that would
// measure how long TCP waits between its attempts.
func (p *pair) ready(id string) {
	p.t.Helper()
	p.boots++
	if !p.eventually(2*time.Minute, func() bool { return strings.Count(p.console(id), "mockcloud-guest: ready") >= p.boots }) {
		p.t.Fatal("the guest does not get ready")
	}
	p.run(id, "sync")
}

// commandLine is that of a server's QEMU, made fit to be started by hand: it runs at once, and makes
// its QMP sockets itself.
func (s *site) commandLine(id string) []string {
	s.t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		s.t.Fatal(err)
	}
	for _, path := range all {
		raw, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(raw, []byte(id)) || !bytes.Contains(raw, []byte("qemu-system")) {
			continue
		}
		var line []string
		for i, arg := range strings.Split(strings.TrimSuffix(string(raw), "\x00"), "\x00") {
			if arg == "-S" {
				continue
			}
			if name, ours := strings.CutPrefix(arg, "socket,id=qmp"); ours {
				arg = fmt.Sprintf("socket,id=qmp%s,path=%s,server=on,wait=off", name[:1], filepath.Join(s.t.TempDir(), fmt.Sprint(i)))
			}
			line = append(line, arg)
		}
		return line
	}
	s.t.Fatal("the server has no QEMU")
	return nil
}
