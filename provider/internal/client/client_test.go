// SPDX-License-Identifier: MPL-2.0

package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/novatest"
)

// leap is a clock whose sleeps take no time and are noted.
type leap struct {
	mu     sync.Mutex
	sleeps []time.Duration
}

func (l *leap) Now() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

func (l *leap) Sleep(ctx context.Context, d time.Duration) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sleeps = append(l.sleeps, d)
	return ctx.Err()
}

func connect(t *testing.T, cloud *novatest.Cloud, change func(*client.Config)) (*client.Client, *leap) {
	t.Helper()
	clock := &leap{}
	config := client.Config{Lookup: cloud.Env, Clock: clock, MaxRetries: 3, UserAgent: "Terraform/1 test/1"}
	if change != nil {
		change(&config)
	}
	c, err := client.New(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	return c, clock
}

// times answers the first n requests of this method and path by the hook.
func times(n int, method, path string, hook func(http.ResponseWriter)) novatest.Hook {
	var mu sync.Mutex
	return func(w http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if r.Method != method || !strings.HasSuffix(r.URL.Path, path) || n == 0 {
			return false
		}
		n--
		hook(w)
		return true
	}
}

func status(code int, retryAfter string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		w.WriteHeader(code)
	}
}

// page is what a proxy shows that wants somebody to log in.
func page(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte("<html><head><TITLE>Log in</TITLE></head><body>Who are you?</body></html>"))
}

func TestRetries(t *testing.T) {
	t.Parallel()
	get := func(c *client.Client) error {
		_, err := nova.Servers{Client: c}.Get(context.Background(), "s")
		return err
	}
	post := func(c *client.Client) error {
		_, err := nova.Servers{Client: c}.Create(context.Background(), 1, nova.ServerCreate{Name: "n"})
		return err
	}
	for _, test := range []struct {
		name   string
		method string
		path   string
		fails  func(http.ResponseWriter)
		call   func(*client.Client) error
		again  bool
	}{
		{"a busy read", "GET", "/servers/s", status(429, ""), get, true},
		{"a read through a broken proxy", "GET", "/servers/s", status(502, ""), get, true},
		{"a read that timed out in a proxy", "GET", "/servers/s", status(504, ""), get, true},
		{"a read without an answer", "GET", "/servers/s", novatest.HangUp, get, true},
		{"a read that fails inside", "GET", "/servers/s", status(500, ""), get, true},
		{"a read whose connection is reset", "GET", "/servers/s", novatest.Reset, get, true},
		{"a read that breaks off", "GET", "/servers/s", novatest.BreakOff, get, true},
		{"a read that a login page answers", "GET", "/servers/s", page, get, true},
		{"a busy create", "POST", "/servers", status(429, ""), post, true},
		{"a create beyond an old cloud's rate limit", "POST", "/servers", status(413, "2"), post, true},
		{"a create beyond an old cloud's quota", "POST", "/servers", status(413, "0"), post, false},
		{"a create that is too large", "POST", "/servers", status(413, ""), post, false},
		{"a create that no backend took", "POST", "/servers", status(503, ""), post, true},
		{"a create through a broken proxy", "POST", "/servers", status(502, ""), post, false},
		{"a create that timed out in a proxy", "POST", "/servers", status(504, ""), post, false},
		{"a create that fails inside", "POST", "/servers", status(500, ""), post, false},
		{"a create whose connection is reset", "POST", "/servers", novatest.Reset, post, false},
		{"a create without an answer", "POST", "/servers", novatest.HangUp, post, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cloud := novatest.Start(t)
			cloud.Put("s", nil)
			c, clock := connect(t, cloud, nil)
			if _, err := c.Offers(t.Context()); err != nil {
				t.Fatal(err)
			}
			cloud.Intercept(times(2, test.method, test.path, test.fails))
			err := test.call(c)
			if test.again != (err == nil) {
				t.Errorf("error: %v", err)
			}
			// Go repeats a read by itself if a kept connection turns out to be closed, so it may be one less.
			if n := len(clock.sleeps); test.again != (n > 0) || n > 2 {
				t.Errorf("%d retries", n)
			}
		})
	}
}

func TestRetriesEnd(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	c, clock := connect(t, cloud, nil)
	cloud.Intercept(times(1000, "GET", "/", status(503, "")))
	if _, err := c.Offers(t.Context()); err == nil {
		t.Error("no error")
	}
	if len(clock.sleeps) != 3 || clock.sleeps[0] > time.Second || clock.sleeps[2] < time.Second {
		t.Errorf("pauses: %v", clock.sleeps)
	}
}

func TestRetryAfterIsObeyed(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]time.Duration{
		"17":                            17 * time.Second,
		"Thu, 01 Jan 2026 00:00:40 GMT": 40 * time.Second,
		"86400":                         5 * time.Minute,
	} {
		cloud := novatest.Start(t)
		c, clock := connect(t, cloud, nil)
		cloud.Intercept(times(1, "GET", "/", status(429, header)))
		if _, err := c.Offers(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(clock.sleeps) != 1 || clock.sleeps[0] < want || clock.sleeps[0] > want+time.Second {
			t.Errorf("Retry-After %q: paused %v", header, clock.sleeps)
		}
	}
}

func TestKeystoneIsTriedAgain(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	cloud.Intercept(times(1, "POST", "/auth/tokens", novatest.HangUp))
	if _, clock := connect(t, cloud, nil); len(clock.sleeps) != 1 {
		t.Errorf("pauses: %v", clock.sleeps)
	}
}

func TestExpiredTokenIsRenewedOnceForAll(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	cloud.Put("s", nil)
	c, _ := connect(t, cloud, nil)
	cloud.Expire()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := (nova.Servers{Client: c}).Get(t.Context(), "s"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := cloud.Count("POST /identity/v3/auth/tokens"); n != 2 {
		t.Errorf("%d tokens were asked for, not 2", n)
	}
	if n := cloud.Count("GET /compute/v2.1/ "); n > 1 {
		t.Errorf("the version document was read %d times", n)
	}
}

func TestMicroversions(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	cloud.Offers = "2.60"
	c, _ := connect(t, cloud, func(config *client.Config) { config.MaxMicroversion = 50 })
	at, err := c.At(t.Context(), 26)
	if err != nil || at.Microversion != "2.26" {
		t.Errorf("At(26) is %v, %v", at, err)
	}
	if other, err := c.At(t.Context(), 1); err != nil || at.Microversion != "2.26" || other.Microversion != "2.1" {
		t.Errorf("At(1) is %v, %v", other, err)
	}
	if _, v, err := c.Best(t.Context(), 96); err != nil || v != 50 {
		t.Errorf("Best(96) is %s, %v", v, err)
	}
	for v, want := range map[client.Microversion]string{
		90: "needs microversion 2.90 of Nova's API; this cloud offers up to 2.60",
		55: "needs microversion 2.55 of Nova's API; the cloud offers up to 2.60, but max_microversion allows no more than 2.50",
	} {
		var old *client.TooOldError
		if err := c.Check(t.Context(), v); !errors.As(err, &old) || !strings.Contains(err.Error(), want) {
			t.Errorf("Check(%s): %v", v, err)
		}
	}
}

func TestWhatRequestsSay(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	cloud.Put("s", nil)
	var token map[string]any
	headers := http.Header{}
	cloud.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/auth/tokens") {
			_ = json.NewDecoder(r.Body).Decode(&token)
		} else {
			headers = r.Header
		}
		return false
	})
	c, _ := connect(t, cloud, nil)
	if _, err := (nova.Servers{Client: c}).GetAt(t.Context(), "s", 42); err != nil {
		t.Fatal(err)
	}
	if agent := headers.Get("User-Agent"); !strings.HasPrefix(agent, "Terraform/1 test/1 gophercloud/") {
		t.Errorf("user agent %q", agent)
	}
	if v := headers.Get("OpenStack-API-Version"); v != "compute 2.42" {
		t.Errorf("microversion %q", v)
	}
	text, _ := json.Marshal(token)
	want := `{"auth":{"identity":{"methods":["password"],"password":{"user":{"domain":{"id":"default"},"name":"user","password":"s3cret"}}},` +
		`"scope":{"project":{"domain":{"id":"default"},"name":"project"}}}}`
	if string(text) != want {
		t.Errorf("asked for a token by %s", text)
	}
}

func TestRefusalTellsSourcesAndNoSecret(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	cloud.Intercept(times(1, "POST", "/auth/tokens", status(401, "")))
	_, err := client.New(t.Context(), client.Config{
		Lookup: cloud.Env, Clock: &leap{},
		Block: client.Settings{client.Password: {Value: "hunter2", Source: "the provider block"}},
	})
	var refused *client.AuthError
	if !errors.As(err, &refused) {
		t.Fatal(err)
	}
	if !strings.Contains(refused.Sources, "password from the provider block") || !strings.Contains(refused.Sources, "user_name from the environment") {
		t.Errorf("sources: %s", refused.Sources)
	}
	if strings.Contains(refused.Sources+err.Error(), "hunter2") {
		t.Error("the error tells the password")
	}
}
