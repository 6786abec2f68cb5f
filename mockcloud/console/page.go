// SPDX-License-Identifier: MPL-2.0

package console

import (
	"embed"
	"net/http"
	"path"
	"regexp"
	"strings"
)

//go:generate web/build

//go:embed web/*.html web/page.css dist/*.js dist/*.css dist/LICENSES.txt dist/spice-html5
var files embed.FS

// pages are the files by their paths below /console, under the names that Nova's own proxies give them. A browser
// that is sent to the WebSocket itself, as the URL of a serial console does, gets the page of serial consoles.
var pages = map[string]string{
	"vnc_lite.html":   "web/vnc.html",
	"vnc_auto.html":   "web/vnc.html",
	"spice_auto.html": "web/spice.html",
	"rdp_auto.html":   "web/rdp.html",
	"":                "web/serial.html",
	"page.css":        "web/page.css",
	"vnc.js":          "dist/vnc.js",
	"serial.js":       "dist/serial.js",
	"serial.css":      "dist/serial.css",
	"spice.js":        "dist/spice.js",
	"LICENSES.txt":    "dist/LICENSES.txt",
}

// spiceClient begins the names of what the SPICE page's client is made of, unpacked as it comes.
const spiceClient = "spice-html5/"

var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".txt": "text/plain; charset=utf-8",
}

// plainHost is a Host that can be a word of a policy.
var plainHost = regexp.MustCompile(`^[A-Za-z0-9.:\[\]_-]+$`)

// contentPolicy lets a page run what comes with it and connect to where it came from: not every browser takes
// 'self' for a WebSocket. xterm.js writes style sheets, noVNC and spice-html5 have pointers and pictures in URLs.
func contentPolicy(host string) string {
	sockets := ""
	if plainHost.MatchString(host) {
		sockets = " ws://" + host + " wss://" + host
	}
	return strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self' 'unsafe-inline'", "img-src 'self' data: blob:",
		"connect-src 'self'" + sockets, "base-uri 'none'", "form-action 'none'", "frame-ancestors 'self'",
	}, "; ")
}

// servePage serves a page, or what belongs to one.
func servePage(w http.ResponseWriter, r *http.Request, name string) {
	file := pages[name]
	if strings.HasPrefix(name, spiceClient) {
		file = "dist/" + name
	}
	content, err := files.ReadFile(file)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", contentTypes[path.Ext(file)])
	w.Header().Set("Content-Security-Policy", contentPolicy(r.Host))
	_, _ = w.Write(content)
}
