// SPDX-License-Identifier: MPL-2.0

package scenario

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// The power_state of servers (Nova: nova.compute.power_state).
const (
	powerPaused    = 3
	powerSuspended = 7
)

// TestFrozen pauses and suspends a guest that counts: it stands still meanwhile, and goes on where it was. What it
// writes is in an image of it, also in one that was made while it was suspended.
func TestFrozen(t *testing.T) {
	t.Parallel()
	c := cloud(t)
	flavor := c.ephemeralFlavor()
	s := c.boot(with{"name": "frozen", "flavorRef": flavor})
	s.run("(n=0; while :; do n=$((n+1)); echo $n >/run/count; sleep 1; done) >/dev/null 2>&1 & echo $! >/run/pid")
	boot, address := s.bootID(), s.fixed()

	before, began := s.uptime(), time.Now()
	s.do("pause", nil)
	if v := s.wait("PAUSED"); v.Power != powerPaused {
		t.Errorf("a paused server has the power_state %d", v.Power)
	}
	paused := time.Now()
	s.hangUp()
	if said, err := s.attempt("true"); err == nil {
		t.Errorf("a paused guest answers %q", said)
	}
	stood := time.Since(paused)
	s.do("unpause", nil)
	s.wait("ACTIVE")
	ran := s.uptime() - before
	if most := time.Since(began) - stood; ran > most {
		t.Errorf("the guest's clock went on by %v in %v, of which it was paused for %v", ran, time.Since(began), stood)
	}

	s.do("suspend", nil)
	if v := s.wait("SUSPENDED"); v.Power != powerSuspended {
		t.Errorf("a suspended server has the power_state %d", v.Power)
	}
	s.hangUp()
	s.do("resume", nil)
	s.wait("ACTIVE")
	count := s.count()
	s.eventually("the process counts on", func() bool { return s.count() > count })
	if again := s.bootID(); again != boot {
		t.Error("the guest booted when it was to be resumed")
	}
	if got := s.run("kill -0 $(cat /run/pid) && echo alive"); got != "alive" {
		t.Errorf("the process is %q", got)
	}
	s.rebuild(address)
}

// rebuild makes the server anew from an image of itself, which has what was synced; what it had on its ephemeral disk
// stays, and so do its addresses.
func (s *server) rebuild(address string) {
	s.t.Helper()
	s.run("mke2fs /dev/vdb && mkdir -p /eph && mount -t ext2 /dev/vdb /eph && echo ephemeral >/eph/file && echo synced >/synced && sync")
	image := s.image("frozen-image")
	s.run("rm /synced && sync")
	boot := s.bootID()
	s.do("rebuild", with{"imageRef": image, "preserve_ephemeral": true})
	s.wait("ACTIVE")
	s.hangUp()
	if got := s.run("cat /synced; mkdir -p /eph && mount -t ext2 /dev/vdb /eph && cat /eph/file"); got != "synced\nephemeral" {
		s.t.Errorf("rebuilt of its image, the guest has %q", got)
	}
	if s.bootID() == boot {
		s.t.Error("the guest was not rebuilt")
	}
	if got := s.fixed(); got != address || !strings.Contains(s.run("ip addr"), address+"/") {
		s.t.Errorf("the address was %s and is %s", address, got)
	}
}

// ephemeralFlavor is m1.nano with an ephemeral disk.
func (c *client) ephemeralFlavor() string {
	c.t.Helper()
	return c.make("/flavors", "flavor", with{"name": c.t.Name(), "ram": 128, "vcpus": 1, "disk": 1, "OS-FLV-EXT-DATA:ephemeral": 1})
}

// uptime is the guest's own.
func (s *server) uptime() time.Duration {
	s.t.Helper()
	text, _, _ := strings.Cut(s.run("cat /proc/uptime"), " ")
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil {
		s.t.Fatal(err)
	}
	return time.Duration(seconds * float64(time.Second))
}

// count is how far the process has counted.
func (s *server) count() int {
	s.t.Helper()
	n, err := strconv.Atoi(s.run("cat /run/count"))
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}
