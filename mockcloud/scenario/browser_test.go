// SPDX-License-Identifier: MPL-2.0

package scenario

import (
	"bufio"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
)

// browser is a headless Chromium, steered over the standard input of browser/steer.cjs.
type browser struct {
	t   testing.TB
	in  io.WriteCloser
	out *bufio.Reader
	dir string // of its pictures
}

// heard is what it answers.
type heard struct {
	Complaint, State, Text, Title, URL string
	Errors                             []string
}

// newBrowser starts one; the test skips where there is none.
func newBrowser(t testing.TB) *browser {
	t.Helper()
	cache, err := filepath.Abs("../../.cache/browser")
	if err != nil {
		t.Fatal(err)
	}
	modules := filepath.Join(cache, "node_modules")
	chromium, err := exec.LookPath("chromium")
	if err == nil {
		_, err = exec.LookPath("node")
	}
	if err == nil {
		_, err = os.Stat(filepath.Join(modules, "playwright-core"))
	}
	if err != nil {
		t.Skip("there is no browser here: run .ci/browser: ", err)
	}
	cmd := exec.Command("node", "browser/steer.cjs")
	cmd.Env = append(os.Environ(), "CHROMIUM="+chromium, "NODE_PATH="+modules)
	cmd.Stderr = t.Output()
	b := &browser{t: t, dir: cache}
	if b.in, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	b.out = bufio.NewReader(out)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // it ends when its input does
		_ = b.in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the browser: %v", err)
		}
	})
	return b
}

func (b *browser) ask(what string, request with) (answer heard) {
	b.t.Helper()
	request["do"] = what
	line, err := json.Marshal(request)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.in.Write(append(line, '\n')); err != nil {
		b.t.Fatal(err)
	}
	if line, err = b.out.ReadBytes('\n'); err != nil {
		b.t.Fatal(err)
	}
	if err := json.Unmarshal(line, &answer); err != nil || answer.Complaint != "" {
		b.t.Fatalf("the browser does not %s: %v %s", what, err, answer.Complaint)
	}
	return answer
}

// open opens a console's page, which must connect unless it must not.
func (b *browser) open(page, state string) heard {
	b.t.Helper()
	got := b.ask("open", with{"url": page})
	if got.State != state {
		b.t.Errorf("the page says %q, not that it is %s", got.Text, state)
	}
	if strings.Contains(got.URL, "token") {
		b.t.Error("the token stays in the address bar")
	}
	return got
}

// shoot is a picture of the page, or of an element of it, which is kept for people, too.
func (b *browser) shoot(name, of string) image.Image {
	b.t.Helper()
	path := filepath.Join(b.dir, name+".png")
	b.ask("shoot", with{"file": path, "of": of})
	file, err := os.Open(path)
	if err != nil {
		b.t.Fatal(err)
	}
	defer file.Close()
	shot, err := png.Decode(file)
	if err != nil {
		b.t.Fatal(err)
	}
	return shot
}

// spent: the page of a token that was used connects to nothing, and nothing was amiss with the page before.
func (b *browser) spent(page string) {
	b.t.Helper()
	if errors := b.ask("errors", with{}).Errors; len(errors) > 0 {
		b.t.Errorf("the page complains: %q", errors)
	}
	b.open(page, "disconnected")
	b.ask("errors", with{}) // of which it has to complain
}

// browserScenario types uname into the pages of the screen, by VNC and by SPICE, and of the serial console.
func browserScenario(s *server) {
	b := newBrowser(s.t)
	vncPageScenario(s, b)
	if s.hasSPICE() {
		spicePageScenario(s, b)
	}
	serialPageScenario(s, b)
}

// vncPageScenario logs in on the guest's first terminal by the keyboard, and holds the page's picture against the
// guest's own word for what is on the screen.
func vncPageScenario(s *server, b *browser) {
	page := s.consoleURL("vnc", "novnc")
	if got := b.open(page, "connected"); !strings.Contains(got.Title, "looked-at") && !strings.Contains(got.Title, "QEMU") {
		s.t.Errorf("the page is called %q", got.Title)
	}
	b.ask("click", with{"on": "#scale"})         // one pixel for one
	s.run("printf '\\033[2J\\033[H' >/dev/tty1") // an empty screen
	b.ask("type", with{"text": "\n"})
	s.onScreen("login:")
	before := b.shoot("vnc-before", "#screen canvas")
	b.ask("type", with{"text": "root\n"})
	s.onScreen("Password:")
	b.ask("type", with{"text": rootPassword + "\n"})
	s.onScreen("# ")
	unameScenario(s, b, "vnc")
	if shows(before, s.text()) == nil {
		s.t.Error("the page shows the same before and after typing")
	}
	b.spent(page)
}

// onScreen waits until the guest says that this is on its screen.
func (s *server) onScreen(words string) {
	s.t.Helper()
	s.eventually("the screen has "+words, func() bool { return strings.Contains(s.text(), words) })
}

// unameScenario types the command to the shell on the screen: the guest has run it, and the page shows what it said.
func unameScenario(s *server, b *browser, name string) {
	s.t.Helper()
	b.ask("type", with{"text": "uname | tee from-" + name + "\n"})
	s.onScreen("Linux")
	if got := s.run("cat /root/from-" + name); got != "Linux" {
		s.t.Errorf("what was typed by %s wrote %q", name, got)
	}
	var why error
	s.eventually("the page shows what is on the screen", func() bool {
		text := s.text()
		why = shows(b.shoot(name, "#screen canvas"), text)
		return why == nil && strings.Contains(text, "Linux")
	})
	if why != nil {
		s.t.Error(why)
	}
	b.shoot(name+"-page", "")
}

// spicePageScenario goes on where vncPageScenario has logged in. Another viewer ends it, of which the page tells.
func spicePageScenario(s *server, b *browser) {
	page := s.spicePage()
	b.open(page, "connected")
	b.ask("click", with{"on": "#scale"})
	s.run("printf '\\033[2J\\033[H' >/dev/tty1")
	b.ask("type", with{"text": "\n"})
	s.onScreen("# ")
	before := b.shoot("spice-before", "#screen canvas")
	unameScenario(s, b, "spice")
	if shows(before, s.text()) == nil {
		s.t.Error("the page shows the same before and after typing")
	}
	s.openSPICE(s.spicePage())
	s.eventually("the page tells that another viewer has come", func() bool {
		return strings.Contains(b.ask("read", with{"of": "#state"}).Text, "another viewer came")
	})
	b.spent(page)
}

// TestSimulatedConsolePages: a simulated server has a screen and a serial console, and a SPICE server that says that it
// has no screen.
func TestSimulatedConsolePages(t *testing.T) {
	t.Parallel()
	c := newCloud(t, local.Options{Driver: "sim"})
	b := newBrowser(t)
	s := c.create(with{"name": "imagined"})
	s.wait("ACTIVE")
	for _, test := range []struct{ protocol, kind, state, words string }{
		{"vnc", "novnc", "connected", ""},
		{"serial", "serial", "connected", ""},
		{"spice", "spice-html5", "disconnected", "This server's SPICE has no screen to show"},
		{"rdp", "rdp-html5", "disconnected", "No RDP client here"},
	} {
		page := s.consoleURL(test.protocol, test.kind)
		if test.kind == "serial" {
			page = "http" + strings.TrimPrefix(page, "ws")
		}
		if got := b.ask("open", with{"url": page}); got.State != test.state || !strings.Contains(got.Text, test.words) {
			t.Errorf("the page of a %s console is %s and says %q", test.protocol, got.State, got.Text)
		}
		if errors := b.ask("errors", with{}).Errors; len(errors) > 0 {
			t.Errorf("the page of a %s console complains: %q", test.protocol, errors)
		}
	}
}

// serialPageScenario does the same on the serial console, whose URL is a page's for a browser.
func serialPageScenario(s *server, b *browser) {
	page := "http" + strings.TrimPrefix(s.consoleURL("serial", "serial"), "ws")
	b.open(page, "connected")
	said := ""
	await := func(words string) {
		s.t.Helper()
		s.eventually(fmt.Sprintf("the terminal has %q", words), func() bool {
			said = b.ask("read", with{"of": ".xterm-rows"}).Text
			return strings.Contains(said, words)
		})
	}
	b.ask("type", with{"text": "\n"})
	await("#") // where the shell of the scenarios before still is
	b.ask("type", with{"text": "uname | tee from-serial\n"})
	await("Linux")
	if got := s.run("cat /root/from-serial"); got != "Linux" {
		s.t.Errorf("what was typed on the serial page wrote %q", got)
	}
	b.shoot("serial-page", "")
	b.spent(page)
}
