// SPDX-License-Identifier: MPL-2.0

package scenario

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" // SPICE pads tickets with it
	"crypto/x509"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"strings"
)

// What SPICE calls channels and messages (spice/enums.h).
const (
	spiceMain, spiceInputs = 1, 3
	spiceMainInit          = 103
	spiceChannelsList      = 104 // the answer to
	spiceAttachChannels    = 104
	spiceBadConnectionID   = 8
)

// hasSPICE tells whether this QEMU has SPICE; consoles are refused as Nova does where it has not.
func (s *server) hasSPICE() bool {
	s.t.Helper()
	status, err := s.try("POST", s.path("/remote-consoles"), with{"remote_console": with{"protocol": "spice", "type": "spice-html5"}}, nil)
	if status == http.StatusBadRequest && !strings.Contains(err.Error(), "Unavailable console type spice-html5.") {
		s.t.Error(err)
	}
	return status != http.StatusBadRequest
}

func (s *server) spicePage() string {
	s.t.Helper()
	return s.consoleURL("spice", "spice-html5")
}

// spiceScenario has a session of two channels, both with the token that the first has used, which lets nobody else in.
func spiceScenario(s *server) {
	if !s.hasSPICE() {
		s.t.Skip("this QEMU has no SPICE")
	}
	page := s.spicePage()
	session := s.openSPICE(page)
	if got := s.link(s.dialConsole(page), session.id, spiceInputs); got != 0 {
		s.t.Errorf("the session's second channel is refused: %d", got)
	}
	if got := s.link(s.dialConsole(page), session.id+1, spiceInputs); got != spiceBadConnectionID {
		s.t.Errorf("a channel of a session that is not there gets %d", got)
	}
	s.spent(page, spiceHello(0, spiceMain)) // for which QEMU would end the first session
	session.lists(spiceInputs)
	next := s.openSPICE(s.spicePage())
	if _, err := io.Copy(io.Discard, session); err != nil {
		s.t.Errorf("a session that gave way to the next: %v", err)
	}
	s.eventually("the token is good for nothing after its session", func() bool {
		conn := s.dialConsole(page)
		_, _ = io.WriteString(conn, spiceHello(session.id, spiceInputs))
		_, err := conn.Read(make([]byte, 1))
		return err != nil
	})
	next.lists(spiceInputs)
}

// spiceHello is SpiceLinkHeader of protocol 2.2, and SpiceLinkMess with the capabilities to choose the kind of login and
// to take short headers.
func spiceHello(session uint32, channel byte) string {
	said := append([]byte("REDQ"), 2, 0, 0, 0, 2, 0, 0, 0, 22, 0, 0, 0)
	said = binary.LittleEndian.AppendUint32(said, session)
	return string(append(said, channel, 0, 1, 0, 0, 0, 0, 0, 0, 0, 18, 0, 0, 0, 1<<0|1<<3, 0, 0, 0))
}

// link logs a channel in and tells SPICE's error, which is 0 for none.
func (s *server) link(conn net.Conn, session uint32, channel byte) (refusal uint32) {
	s.t.Helper()
	if _, err := io.WriteString(conn, spiceHello(session, channel)); err != nil {
		s.t.Fatal(err)
	}
	head := s.exactly(conn, 16)
	if string(head[:4]) != "REDQ" {
		s.t.Fatalf("SPICE answers %q", head)
	}
	reply := s.exactly(conn, binary.LittleEndian.Uint32(head[12:]))
	if refusal = binary.LittleEndian.Uint32(reply); refusal != 0 {
		return refusal
	}
	public, err := x509.ParsePKIXPublicKey(reply[4 : 4+162])
	if err != nil {
		s.t.Fatal(err)
	}
	key, _ := public.(*rsa.PublicKey)
	ticket, err := rsa.EncryptOAEP(sha1.New(), rand.Reader, key, []byte{0}, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := conn.Write(append([]byte{1, 0, 0, 0}, ticket...)); err != nil { // SPICE_COMMON_CAP_AUTH_SPICE
		s.t.Fatal(err)
	}
	return binary.LittleEndian.Uint32(s.exactly(conn, 4))
}

func (s *server) exactly(conn io.Reader, n uint32) []byte {
	s.t.Helper()
	got := make([]byte, n)
	if _, err := io.ReadFull(conn, got); err != nil {
		s.t.Fatal(err)
	}
	return got
}

// spiceSession is somebody's main channel.
type spiceSession struct {
	net.Conn
	s  *server
	id uint32
}

func (s *server) openSPICE(page string) *spiceSession {
	s.t.Helper()
	m := &spiceSession{Conn: s.dialConsole(page), s: s}
	if got := s.link(m, 0, spiceMain); got != 0 {
		s.t.Fatalf("the main channel is refused: %d", got)
	}
	m.id = binary.LittleEndian.Uint32(m.await(spiceMainInit))
	return m
}

// await reads messages up to the next of that type.
func (m *spiceSession) await(kind uint16) []byte {
	m.s.t.Helper()
	for {
		head := m.s.exactly(m, 6)
		message := m.s.exactly(m, binary.LittleEndian.Uint32(head[2:]))
		if binary.LittleEndian.Uint16(head) == kind {
			return message
		}
	}
}

// lists asks for the session's channels, of which one is of that type.
func (m *spiceSession) lists(channel byte) {
	m.s.t.Helper()
	if _, err := m.Write([]byte{spiceAttachChannels, 0, 0, 0, 0, 0}); err != nil {
		m.s.t.Fatal(err)
	}
	list := m.await(spiceChannelsList) // a number of them, and the type and id of each
	for at := 4; at+1 < len(list); at += 2 {
		if list[at] == channel {
			return
		}
	}
	m.s.t.Errorf("the session has the channels %x", list)
}
