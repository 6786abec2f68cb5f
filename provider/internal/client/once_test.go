// SPDX-License-Identifier: MPL-2.0

package client_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/novatest"
)

// lost has the cloud do the work of a request, and hangs up in place of the answer.
func lost(cloud *novatest.Cloud, n int, method, path string) {
	cloud.InterceptAfter(times(n, method, path, novatest.HangUp))
}

// make asks for a server by Once.
func once(ctx context.Context, c *client.Client, cloud *novatest.Cloud) (*string, int, error) {
	looked := 0
	id, err := client.Once(client.Whole(ctx), c, func(ctx context.Context) (*string, error) {
		service, err := c.At(ctx, 1)
		if err != nil {
			return nil, err
		}
		var answer struct{ Server struct{ ID string } }
		_, err = service.Post(ctx, service.ServiceURL("servers"), map[string]any{"server": map[string]any{"name": "n"}}, &answer, nil)
		return &answer.Server.ID, err
	}, func(context.Context) (*string, error) {
		looked++
		for _, id := range cloud.IDs() {
			return &id, nil
		}
		return nil, nil
	})
	return id, looked, err
}

func TestOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fails          func(cloud *novatest.Cloud)
		posts, looked  int
		made, accepted bool
	}{
		"the first time":        {func(*novatest.Cloud) {}, 1, 0, true, true},
		"lost after the work":   {func(c *novatest.Cloud) { lost(c, 1, "POST", "/servers") }, 1, 1, true, true},
		"lost before the work":  {func(c *novatest.Cloud) { c.Intercept(times(2, "POST", "/servers", novatest.HangUp)) }, 3, 2, true, true},
		"reset before the work": {func(c *novatest.Cloud) { c.Intercept(times(1, "POST", "/servers", novatest.Reset)) }, 2, 1, true, true},
		"500 before the work":   {func(c *novatest.Cloud) { c.Intercept(times(1, "POST", "/servers", status(500, ""))) }, 2, 1, true, true},
		"a page in its place":   {func(c *novatest.Cloud) { c.Intercept(times(1, "POST", "/servers", page)) }, 2, 1, true, true},
		"refused":               {func(c *novatest.Cloud) { c.Intercept(times(1, "POST", "/servers", status(400, ""))) }, 1, 0, false, false},
		"never":                 {func(c *novatest.Cloud) { c.Intercept(times(99, "POST", "/servers", status(500, ""))) }, 4, 4, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := novatest.Start(t)
			c, _ := connect(t, cloud, nil)
			test.fails(cloud)
			id, looked, err := once(t.Context(), c, cloud)
			if test.accepted != (err == nil) || test.accepted && *id == "" || looked != test.looked {
				t.Errorf("looked %d times: %v", looked, err)
			}
			if n := cloud.Count("POST /compute"); n != test.posts || test.made != (len(cloud.IDs()) == 1) {
				t.Errorf("asked %d times for %v", n, cloud.IDs())
			}
		})
	}
}

// TestOnceThatWasWorkedOnLonger: what stands before the cloud gave the first attempt up, whose work is done only after
// the look for it; the second attempt meets the name.
func TestOnceThatWasWorkedOnLonger(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	c, _ := connect(t, cloud, nil)
	attempts := 0
	cloud.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/servers") {
			return false
		}
		if attempts++; attempts == 1 {
			w.WriteHeader(http.StatusGatewayTimeout)
			return true
		}
		cloud.Put("late", nil)
		w.WriteHeader(http.StatusConflict)
		return true
	})
	id, _, err := once(t.Context(), c, cloud)
	if err != nil || *id != "late" || attempts != 2 {
		t.Errorf("%d attempts: %v", attempts, err)
	}
}

// TestInterruptedOnceStillLooks: what was made is known, and nothing more is made.
func TestInterruptedOnceStillLooks(t *testing.T) {
	t.Parallel()
	for _, made := range []bool{true, false} {
		cloud := novatest.Start(t)
		c, _ := connect(t, cloud, nil)
		ctx, interrupt := context.WithCancel(t.Context())
		hook := func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/servers") {
				return false
			}
			interrupt()
			novatest.HangUp(w)
			return true
		}
		if made {
			cloud.InterceptAfter(hook)
		} else {
			cloud.Intercept(hook)
		}
		id, looked, err := once(ctx, c, cloud)
		if made != (err == nil && *id != "") || looked != 1 || cloud.Count("POST /compute") != 1 {
			t.Errorf("made: %v, looked %d times: %v", made, looked, err)
		}
	}
}

func TestRepeat(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		first, then func(http.ResponseWriter)
		asked       int
		accepted    bool
	}{
		"lost":                           {novatest.HangUp, nil, 2, true},
		"lost, and a conflict with it":   {novatest.HangUp, status(409, ""), 2, true},
		"lost, and then refused":         {novatest.HangUp, status(400, ""), 2, false},
		"a conflict with something else": {status(409, ""), nil, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := novatest.Start(t)
			cloud.Put("s", nil)
			c, _ := connect(t, cloud, nil)
			n := 0
			cloud.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.HasSuffix(r.URL.Path, "/action") {
					return false
				}
				n++
				if answer := map[int]func(http.ResponseWriter){1: test.first, 2: test.then}[n]; answer != nil {
					answer(w)
					return true
				}
				return false
			})
			err := client.Repeat(t.Context(), c, func(ctx context.Context) error {
				service, err := c.At(ctx, 1)
				if err == nil {
					_, err = service.Post(ctx, service.ServiceURL("servers", "s", "action"), map[string]any{"os-start": nil}, nil, nil)
				}
				return err
			})
			if test.accepted != (err == nil) || n != test.asked {
				t.Errorf("asked %d times: %v", n, err)
			}
		})
	}
}

// TestDeleteOfWhatIsGone: a 404 is an error at once, and the proof of success after an answer that got lost.
func TestDeleteOfWhatIsGone(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	cloud.Put("s", nil)
	c, _ := connect(t, cloud, nil)
	lost(cloud, 1, "DELETE", "/servers/s")
	if err := (nova.Servers{Client: c}).Delete(t.Context(), "s"); err != nil || cloud.Count("DELETE ") != 2 {
		t.Errorf("asked %d times: %v", cloud.Count("DELETE "), err)
	}
	cloud.Intercept(times(1, "DELETE", "/servers/s", status(429, "")))
	if err := (nova.Servers{Client: c}).Delete(t.Context(), "s"); err == nil {
		t.Error("deleted what was gone before")
	}
}

// TestErrorsInsideAreNotRepeatedForLong: 500 is often no accident.
func TestErrorsInsideAreNotRepeatedForLong(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	c, clock := connect(t, cloud, func(config *client.Config) { config.MaxRetries = 20 })
	cloud.Intercept(times(1000, "GET", "/", status(500, "")))
	if _, err := c.Offers(t.Context()); err == nil || len(clock.sleeps) != 3 {
		t.Errorf("%v after %v", err, clock.sleeps)
	}
}

// TestTokenExpiresWhileKeystoneIsBusy: the request that meets it is done in the end, and a 404 is a 404.
func TestTokenExpiresWhileKeystoneIsBusy(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	c, _ := connect(t, cloud, nil)
	cloud.Put("s", nil)
	cloud.Expire()
	cloud.Intercept(times(2, "POST", "/auth/tokens", status(503, "")))
	if _, err := (nova.Servers{Client: c}).Get(t.Context(), "s"); err != nil {
		t.Error(err)
	}
	cloud.Expire()
	var page *client.PageError
	if err := (nova.Servers{Client: c}).Delete(t.Context(), "gone"); err == nil || errors.As(err, &page) || !strings.Contains(err.Error(), "404") {
		t.Error(err)
	}
	if client.Ambiguous(errors.New("some mistake")) || client.Ambiguous(nil) {
		t.Error("what is no request is ambiguous")
	}
}
