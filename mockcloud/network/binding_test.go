// SPDX-License-Identifier: MPL-2.0

package network

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"testing"

	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// on is a station for the same port, on another host.
func (s *station) on(f *Fabric, host string) *station {
	p := s.port
	p.Host = host
	return newStation(s.t, f, p)
}

// rarp is what QEMU sends to everybody once a machine has migrated.
func rarp(from mac) []byte {
	f := arpFrame(from, 3, from, netip.IPv4Unspecified(), netip.IPv4Unspecified())
	f[12], f[13] = 0x80, 0x35
	return f
}

// heard is the texts of the datagrams up to the last one, in order.
func (s *station) heard(last string) (texts []string) {
	s.t.Helper()
	s.next(last, func(f []byte) bool {
		if p := payload(f); p != "" {
			texts = append(texts, p)
		}
		if etherType(f) != header.IPv4ProtocolNumber {
			texts = append(texts, fmt.Sprintf("%04x", etherType(f)))
		}
		return payload(f) == last
	})
	return texts
}

func TestFramesFollowTheMachine(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	lan := subnet("10.0.0.0/24")
	peer := newStation(t, f, testPort("net", 6, lan))
	source := newStation(t, f, testPort("net", 5, lan))
	target := source.on(f, "host-2")
	if target.nic.Local == source.nic.Local || target.nic.Switch == source.nic.Switch {
		t.Fatalf("both hosts have %+v", source.nic)
	}
	if again := plug(t, f, target.port); again != target.nic {
		t.Fatalf("plugged as %+v, then as %+v", target.nic, again)
	}
	for _, step := range []struct {
		moment string
		from   *station // whom the machine is heard from; nil: it is silent
		to     *station // who gets the frames after
		sends  []byte   // how it is heard
		peer   []string // what its neighbour hears of that
	}{
		{"before the move", nil, source, nil, nil},
		{"QEMU's announcement", target, target, rarp(target.mac), nil},
		{"back", source, source, arpFrame(source.mac, header.ARPRequest, source.mac, source.ip, source.ip), []string{"0806"}},
		{"the guest's announcement", target, target, arpFrame(target.mac, header.ARPRequest, target.mac, target.ip, target.ip), []string{"0806"}},
		{"a frame to nobody", source, source, source.datagram(source, "from itself to itself"), nil},
		{"any frame", target, target, target.datagram(peer, "here"), []string{"here"}},
	} {
		if step.from != nil {
			step.from.send(step.sends)
			// A host's frames keep their order: when the second has come, the first has, too.
			step.from.send(step.from.datagram(peer, "then"))
			if got, want := fmt.Sprint(peer.heard("then")), fmt.Sprint(append(step.peer, "then")); got != want {
				t.Errorf("%s: the neighbour heard %s, want %s", step.moment, got, want)
			}
		}
		peer.send(peer.datagram(source, step.moment))
		if got := step.to.heard(step.moment); len(got) != 1 {
			t.Errorf("%s: heard %v, too", step.moment, got)
		}
	}
	if stats, err := f.PortStats(source.port.ID); err != nil || stats.RxFrames != 6 || stats.TxDropped != 0 {
		t.Errorf("stats %+v, %v: want each of 6 frames once, and none dropped", stats, err)
	}
}

func TestLeave(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	lan := subnet("10.0.0.0/24")
	peer := newStation(t, f, testPort("net", 6, lan))
	first := newStation(t, f, testPort("net", 5, lan))
	second, third := first.on(f, "host-2"), first.on(f, "host-3")
	second.send(second.datagram(peer, "here"))
	peer.heard("here")
	for _, step := range []struct {
		host string
		gone *station
		to   *station // nil: the port is plugged no more
	}{
		{"nowhere", nil, second}, {"host-3", third, second}, {"host-2", second, first}, {"", first, nil},
	} {
		if err := f.Leave(t.Context(), first.port.ID, step.host); err != nil {
			t.Fatal(err)
		}
		if step.gone != nil {
			for _, path := range []string{step.gone.nic.Local, step.gone.nic.Switch} {
				if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("after leaving %q, %s: %v", step.host, path, err)
				}
			}
		}
		if step.to == nil {
			if _, err := f.PortStats(first.port.ID); !errors.Is(err, ErrNotPlugged) {
				t.Errorf("after leaving the last host: %v", err)
			}
			continue
		}
		text := "after leaving " + step.host
		peer.send(peer.datagram(first, text))
		step.to.heard(text)
	}
}

func TestUnplugLeavesAllHosts(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	s := newStation(t, f, testPort("net", 5, subnet("10.0.0.0/24")))
	other := s.on(f, "host-2")
	left, _ := socketPaths(f.dir, s.port.ID, "a host of an earlier process")
	if err := os.WriteFile(left, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.Unplug(t.Context(), s.port.ID); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{s.nic.Local, s.nic.Switch, other.nic.Local, other.nic.Switch, left} {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestASilentTargetTakesNothing(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	lan := subnet("10.0.0.0/24")
	peer := newStation(t, f, testPort("net", 6, lan))
	source := newStation(t, f, testPort("net", 5, lan))
	p := source.port
	p.Host = "host-2"
	plug(t, f, p) // QEMU has not started there
	for i := range 3 {
		text := fmt.Sprint("frame ", i)
		peer.send(peer.datagram(source, text))
		source.heard(text)
	}
}
