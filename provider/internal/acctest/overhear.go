// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// Overhear is the cloud behind a proxy that notes the secrets which go through it: told are tokens, passwords and keys
// that the cloud makes, and the tokens in the URLs of consoles, by what they are and a number.
func (m *Mock) Overhear(t testing.TB) (target *Target, told func() map[string]string) {
	t.Helper()
	behind, err := url.Parse(m.cloud.URL)
	if err != nil {
		t.Fatal(err)
	}
	e := &ear{told: map[string]string{}}
	proxy := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(behind)
			r.Out.Host = r.In.Host // which the cloud makes the addresses of its services of
		},
		ModifyResponse: e.listen,
	})
	t.Cleanup(proxy.Close)
	getenv := func(name string) string {
		return strings.Replace(m.Getenv(name), m.cloud.URL, proxy.URL, 1)
	}
	return &Target{Getenv: getenv, Client: m.Client}, e.all
}

type ear struct {
	mu   sync.Mutex
	told map[string]string
}

func (e *ear) all() map[string]string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.told)
}

func (e *ear) listen(response *http.Response) error {
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	e.mu.Lock()
	defer e.mu.Unlock()
	if token := response.Header.Get("X-Subject-Token"); token != "" {
		e.told["token"] = token
	}
	var answer map[string]struct {
		AdminPass  string `json:"adminPass"`
		PrivateKey string `json:"private_key"`
		URL        string `json:"url"`
	}
	_ = json.Unmarshal(body, &answer) // most answers have another shape
	for _, in := range answer {
		for kind, secret := range map[string]string{"password made by Nova": in.AdminPass, "private key": in.PrivateKey} {
			if secret != "" {
				e.told[kind] = secret
			}
		}
		if console, err := url.Parse(in.URL); err == nil && in.URL != "" {
			e.told["console's URL"] = console.RawQuery
		}
	}
	return nil
}
