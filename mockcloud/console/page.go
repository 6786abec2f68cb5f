// SPDX-License-Identifier: MPL-2.0

package console

import (
	_ "embed"
	"net/http"
)

//go:embed page.html
var page []byte

// servePage serves the page that the URL of a console leads to.
func servePage(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self' ws: wss:")
	_, _ = w.Write(page)
}
