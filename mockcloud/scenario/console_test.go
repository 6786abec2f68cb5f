// SPDX-License-Identifier: MPL-2.0

package scenario

import (
	"context"
	"encoding/base64"
	"errors"
	"image"
	"image/png"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
)

const rootPassword = "typed-in"

// TestConsoles uses every console of one server as people do, before and after a restart of the cloud.
func TestConsoles(t *testing.T) {
	t.Parallel()
	c := newCloud(t, local.Options{})
	s := c.boot(with{"name": "looked-at", "user_data": "#cloud-config\npassword: " + rootPassword + "\nchpasswd: {expire: false}\n"})
	t.Run("output", s.as(outputScenario))
	t.Run("serial", s.as(serialScenario))
	t.Run("vnc", s.as(vncScenario))
	t.Run("spice", s.as(spiceScenario))
	t.Run("screenshot", s.as(screenshotScenario))
	serial := s.terminal()
	serial.write("cat >/from-before\r")
	serial.await("cat >/from-before\r\n") // what is on its way to the guest, a restart may lose
	boot := s.bootID()
	c.restart()
	if n, err := serial.Read(make([]byte, 1<<10)); err == nil && n == 0 {
		t.Error("a console outlives the cloud that it came through")
	}
	if s.bootID() != boot {
		t.Error("the guest did not outlive the cloud")
	}
	again := s.terminal() // where the shell still is
	again.write("kept\r\x04echo again-$((6*7))\r")
	again.await("again-42")
	if got := s.run("cat /from-before"); got != "kept" {
		t.Errorf("what was typed across the restart is %q", got)
	}
	t.Run("vnc again", s.as(vncScenario))
	t.Run("browser", s.as(browserScenario))
}

// as runs a part of a scenario as a test of its own.
func (s *server) as(part func(*server)) func(*testing.T) {
	return func(t *testing.T) {
		before := s.t
		s.t = t
		defer func() { s.t = before }()
		part(s)
	}
}

// consoleURL asks Nova for a console.
func (s *server) consoleURL(protocol, kind string) string {
	s.t.Helper()
	var answer struct {
		Console struct{ URL string } `json:"remote_console"`
	}
	s.call("POST", s.path("/remote-consoles"), with{"remote_console": with{"protocol": protocol, "type": kind}}, &answer)
	return answer.Console.URL
}

// socket is the WebSocket that the URL of a console leads to.
func (s *server) socket(page string) string {
	s.t.Helper()
	at, err := url.Parse(page)
	if err != nil {
		s.t.Fatal(err)
	}
	if path := at.Query().Get("path"); path != "" {
		return "ws://" + at.Host + "/" + path
	}
	at.Scheme, at.Path = "ws", "/console/"
	return at.String()
}

// dialConsole connects to a console.
func (s *server) dialConsole(page string) net.Conn {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	s.t.Cleanup(cancel)
	ws, _, err := websocket.Dial(ctx, s.socket(page), &websocket.DialOptions{Subprotocols: []string{"binary"}})
	if err != nil {
		s.t.Fatal(err)
	}
	conn := websocket.NetConn(ctx, ws, websocket.MessageBinary)
	s.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// spent: a token opens its console once, and the second time there is nothing but a closed door, whatever who comes says.
func (s *server) spent(page, hello string) {
	s.t.Helper()
	conn := s.dialConsole(page)
	_, _ = io.WriteString(conn, hello)
	if n, err := conn.Read(make([]byte, 1)); err == nil {
		s.t.Errorf("a token that was used shows %d bytes of the console", n)
	}
	_, query, _ := strings.Cut(s.socket(page), "?token=")
	if status, err := s.try("GET", "/os-console-auth-tokens/"+query, nil, nil); status != http.StatusNotFound {
		s.t.Errorf("a token that was used is known: %d, %v", status, err)
	}
}

// terminal is somebody at the serial console.
type terminal struct {
	net.Conn
	s    *server
	seen strings.Builder
}

func (s *server) terminal() *terminal {
	s.t.Helper()
	return &terminal{Conn: s.dialConsole(s.consoleURL("serial", "serial")), s: s}
}

func (t *terminal) write(text string) {
	t.s.t.Helper()
	if _, err := io.WriteString(t, text); err != nil {
		t.s.t.Fatal(err)
	}
}

// await reads until the console has said the words, after what was awaited before.
func (t *terminal) await(words string) {
	t.s.t.Helper()
	buffer := make([]byte, 4<<10)
	for !strings.Contains(t.seen.String(), words) {
		n, err := t.Read(buffer)
		if err != nil {
			t.s.t.Fatalf("the console said %q and then %v, not %q", t.seen.String(), err, words)
		}
		t.seen.Write(buffer[:n])
	}
	_, rest, _ := strings.Cut(t.seen.String(), words)
	t.seen.Reset()
	t.seen.WriteString(rest)
}

func outputScenario(s *server) {
	if log := s.console(); !strings.Contains(log, "mockcloud-guest: ready looked-at") || !strings.Contains(log, "SSH HOST KEY FINGERPRINTS") {
		s.t.Errorf("the console's log is %q", log)
	}
	s.run("echo said just now >/dev/ttyS0")
	var last struct{ Output string }
	s.eventually("the last line of the log is what was said", func() bool {
		s.ask("os-getConsoleOutput", with{"length": 2}, &last)
		return strings.HasSuffix(strings.TrimSpace(last.Output), "said just now") // behind the prompt
	})
}

// serialScenario logs in on the serial console, with a second viewer beside it.
func serialScenario(s *server) {
	page := s.consoleURL("serial", "serial")
	if !strings.HasPrefix(page, "ws://"+s.address+"/console/?token=") {
		s.t.Errorf("the serial console is at %s", strings.Split(page, "token=")[0])
	}
	first := &terminal{Conn: s.dialConsole(page), s: s}
	first.write("\r")
	first.await("looked-at login:")
	first.write("root\r")
	first.await("Password:")
	first.write(rootPassword + "\r")
	first.await("# ")
	second := s.terminal()
	first.write("echo answer-$((6*7))\r")
	first.await("answer-42")
	second.write("tty; uname\r")
	second.await("/dev/ttyS0")
	second.await("Linux")
	first.await("Linux")
	s.spent(page, "")
}

// vncScenario shakes hands with the screen (RFC 6143, 7.1 and 7.3).
func vncScenario(s *server) {
	page := s.consoleURL("vnc", "novnc")
	conn := s.dialConsole(page)
	exchange := func(say string, n int) string {
		s.t.Helper()
		if _, err := io.WriteString(conn, say); err != nil {
			s.t.Fatal(err)
		}
		got := make([]byte, n)
		if _, err := io.ReadFull(conn, got); err != nil {
			s.t.Fatal(err)
		}
		return string(got)
	}
	if got := exchange("", 12); got != "RFB 003.008\n" {
		s.t.Errorf("the screen greets with %q", got)
	}
	if got := exchange("RFB 003.008\n", 2); got != "\x01\x01" { // one security type: none
		s.t.Errorf("the screen offers %q", got)
	}
	if got := exchange("\x01", 4); got != "\x00\x00\x00\x00" {
		s.t.Errorf("the screen says %q to who asks for no security", got)
	}
	if got := exchange("\x01", 24); got[:4] != "\x02\xd0\x01\x90" { // 720 by 400: text
		s.t.Errorf("the screen is %x", got)
	}
	s.spent(page, "")
}

// screenshotScenario compares the picture of the screen with the characters that the guest says are on it.
func screenshotScenario(s *server) {
	s.run("printf 'written for all to see\\n' >/dev/tty1")
	var why error
	s.eventually("the picture shows what is on the screen", func() bool { // both blink and move on
		text, shot := s.text(), s.screenshot()
		why = shows(shot, text)
		return why == nil && strings.Contains(text, "written for all to see")
	})
	if why != nil {
		s.t.Error(why)
	}
}

// screenshot is the picture of the screen that operators get.
func (s *server) screenshot() image.Image {
	s.t.Helper()
	answer, err := s.request(context.Background(), "GET", "/mock/v1/servers/"+s.ID+"/screenshot", nil, newest)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	shot, err := png.Decode(answer.Body)
	if err != nil {
		s.t.Fatal(answer.Status, err)
	}
	return shot
}

// text is what the guest has on its screen, its 25 lines of 80 characters one after the other.
func (s *server) text() string {
	s.t.Helper()
	text, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s.run("base64 /dev/vcs1")), ""))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

const (
	columns, lines        = 80, 25
	cellWidth, cellHeight = 9, 16 // pixels of VGA's text mode
)

// shows tells whether a picture has something where the text has, and nothing where it has nothing, but for the cursor.
func shows(shot image.Image, text string) error {
	if size := shot.Bounds().Size(); size != image.Pt(columns*cellWidth, lines*cellHeight) || len(text) != columns*lines {
		return errors.New("the screen is " + size.String())
	}
	wrong, written := 0, 0
	for n, c := range []byte(text) {
		at := image.Pt(n%columns*cellWidth, n/columns*cellHeight)
		if lit(shot, image.Rectangle{at, at.Add(image.Pt(cellWidth, cellHeight))}) != (c > ' ') {
			wrong++
		}
		if c > ' ' {
			written++
		}
	}
	if written == 0 || wrong > 1 {
		return errors.New("the picture is not that of the text: " + text)
	}
	return nil
}

// lit tells whether anything but black is in a part of a picture.
func lit(shot image.Image, part image.Rectangle) bool {
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			if r, g, b, _ := shot.At(x, y).RGBA(); r|g|b != 0 {
				return true
			}
		}
	}
	return false
}
