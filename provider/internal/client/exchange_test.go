// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestExchangeEnds: an answer that begins and does not go on is given up.
func TestExchangeEnds(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "2")
		_, _ = w.Write([]byte("{"))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	request, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, server.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := bounded{http.DefaultTransport, 50 * time.Millisecond}.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if _, err = io.ReadAll(response.Body); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

// TestRedirects: tokens stay with the host that they were meant for.
func TestRedirects(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		to      func(here string) string
		follows bool
	}{
		"on the same host": {func(here string) string { return here + "/there" }, true},
		"to another host":  {func(here string) string { return strings.Replace(here, "127.0.0.1", "localhost", 1) + "/there" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			var server *httptest.Server
			server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/there" {
					got = r.Header.Get("X-Auth-Token")
					return
				}
				http.Redirect(w, r, test.to(server.URL), http.StatusTemporaryRedirect)
			}))
			t.Cleanup(server.Close)
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("X-Auth-Token", "secret")
			browser := http.Client{CheckRedirect: follow}
			response, err := browser.Do(request)
			if err == nil {
				_ = response.Body.Close()
			}
			if test.follows != (err == nil) || test.follows != (got == "secret") || !test.follows && Ambiguous(err) {
				t.Errorf("the token that came there is %q: %v", got, err)
			}
		})
	}
}
