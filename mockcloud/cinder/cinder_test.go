// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store/memory"
)

// A token of these tests is who it is for: "alice:member" in the project alice.
type people struct{}

func (people) Authenticate(_ context.Context, token string) (*api.Identity, error) {
	name, role, ok := strings.Cut(token, ":")
	if !ok {
		return nil, api.Unauthorized("The request you have made requires authentication.")
	}
	roles := map[string][]string{"reader": {"reader"}, "member": {"member", "reader"}, "admin": {"admin", "manager", "member", "reader"}}
	return &api.Identity{UserID: "user-" + name, ProjectID: project(name), Roles: roles[role]}, nil
}

// project is the id of a person's project.
func project(name string) string {
	return strings.ReplaceAll(uuid.NewSHA1(uuid.Nil, []byte(name)).String(), "-", "")
}

const (
	alice = "alice:member"
	bob   = "bob:member"
	admin = "root:admin"
)

type cloud struct {
	*testing.T
	*Service
}

type object = map[string]any

// start is a service on what options say; in memory and simulated unless they say otherwise.
func start(t *testing.T, o Options) *cloud {
	t.Helper()
	if o.Store == nil {
		o.Store = memory.New()
	}
	if o.Clock == nil {
		o.Clock = clock.Wall()
	}
	o.Auth = people{}
	s, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &cloud{t, s}
}

// do sends a request at a microversion ("" for none) and returns status and body.
func (c *cloud) do(token, version, method, path string, body any) (int, object, http.Header) {
	c.Helper()
	var in io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			c.Fatal(err)
		}
		in = bytes.NewReader(raw)
	}
	r := httptest.NewRequestWithContext(c.Context(), method, "http://cloud/volume/v3"+path, in)
	r.Header.Set("X-Auth-Token", token)
	if version != "" {
		r.Header.Set("OpenStack-API-Version", "volume "+version)
	}
	w := httptest.NewRecorder()
	c.Handler().ServeHTTP(w, r)
	var out object
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
			c.Fatalf("%s %s: %v: %s", method, path, err, w.Body)
		}
	}
	return w.Code, out, w.Header()
}

// want is do with the status that has to come.
func (c *cloud) want(status int, token, version, method, path string, body any) object {
	c.Helper()
	got, out, _ := c.do(token, version, method, path, body)
	if got != status {
		c.Fatalf("%s %s %s: %d, want %d: %v", version, method, path, got, status, out)
	}
	return out
}

// refused is want of a fault, whose message it returns.
func (c *cloud) refused(status int, token, version, method, path string, body any) string {
	c.Helper()
	for _, fault := range c.want(status, token, version, method, path, body) {
		return fault.(object)["message"].(string)
	}
	c.Fatal("no fault")
	return ""
}

// volume makes a volume and waits for it.
func (c *cloud) volume(token string, fields object) string {
	c.Helper()
	if fields["size"] == nil && fields["source_volid"] == nil && fields["snapshot_id"] == nil {
		fields["size"] = 1
	}
	made := c.want(202, token, "3.71", "POST", "/volumes", object{"volume": fields})["volume"].(object)
	if made["status"] != Creating {
		c.Fatalf("a new volume is %v", made["status"])
	}
	id := made["id"].(string)
	c.until(token, "/volumes/"+id, Available)
	return id
}

// snapshot makes a snapshot and waits for it.
func (c *cloud) snapshot(token, volume string) string {
	c.Helper()
	made := c.want(202, token, "3.71", "POST", "/snapshots", object{"snapshot": object{"volume_id": volume}})["snapshot"].(object)
	id := made["id"].(string)
	c.until(token, "/snapshots/"+id, Available)
	return id
}

// until waits until what is at the path has the status, or is gone for "".
func (c *cloud) until(token, path, status string) object {
	c.Helper()
	ctx, cancel := context.WithTimeout(c.Context(), 2*time.Minute)
	defer cancel()
	for {
		changed := c.work.next()
		code, body, _ := c.do(token, "3.71", "GET", path, nil)
		if code == http.StatusNotFound && status == "" {
			return nil
		}
		for _, one := range body {
			if now := one.(object); now["status"] == status {
				return now
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			c.Fatalf("%s is not %q: %v", path, status, body)
		}
	}
}

func (c *cloud) show(token, id string) object {
	c.Helper()
	return c.want(200, token, "3.71", "GET", "/volumes/"+id, nil)["volume"].(object)
}

// act does an action of a volume.
func (c *cloud) act(status int, token, id, action string, body any) object {
	c.Helper()
	return c.want(status, token, "3.71", "POST", "/volumes/"+id+"/action", object{action: body})
}

// library is the image service of these tests.
type library struct {
	lock   sync.Mutex
	images map[string]*Image
	data   map[string][]byte
	// during is called in the middle of reading an image.
	during func()
}

func newLibrary() *library { return &library{images: map[string]*Image{}, data: map[string][]byte{}} }

func (l *library) add(format string, virtual int64, data []byte) string {
	id := uuid.NewString()
	l.images[id] = &Image{
		ID: id, Name: "an image", Status: "active", DiskFormat: format, ContainerFormat: "bare", Size: int64(len(data)), VirtualSize: virtual,
		Properties: map[string]string{"os_type": "linux"},
	}
	l.data[id] = data
	return id
}

// interrupted calls during after its first half.
type interrupted struct {
	io.Reader
	during func()
	left   int
}

func (r *interrupted) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b[:min(len(b), max(r.left, 1))])
	if r.left > 0 && r.left-n <= 0 && r.during != nil {
		r.during()
	}
	r.left -= n
	return n, err
}

func (l *library) Image(_ context.Context, _ Caller, id string) (*Image, error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	i := l.images[id]
	if i == nil {
		return nil, imageNotFound.of(id)
	}
	found := *i
	data := l.data[id]
	found.Open = func() (io.ReadCloser, error) {
		return io.NopCloser(&interrupted{bytes.NewReader(data), l.during, len(data) / 2}), nil
	}
	return &found, nil
}

func (l *library) Create(_ context.Context, _ Caller, n NewImage) (string, error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	id := uuid.NewString()
	l.images[id] = &Image{ID: id, Name: n.Name, Status: "queued", DiskFormat: n.DiskFormat, ContainerFormat: n.ContainerFormat, Properties: n.Properties}
	return id, nil
}

func (l *library) Upload(_ context.Context, _ Caller, id string, content io.Reader) error {
	const kept = 16 << 20 // what follows is zeros
	data, err := io.ReadAll(io.LimitReader(content, kept))
	rest, failed := io.Copy(io.Discard, content)
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.images[id] == nil {
		return imageNotFound.of(id)
	}
	l.images[id].Status, l.images[id].Size, l.data[id] = "active", int64(len(data))+rest, data
	return errors.Join(err, failed)
}

func (l *library) Delete(_ context.Context, _ Caller, id string) error {
	l.lock.Lock()
	defer l.lock.Unlock()
	delete(l.images, id)
	return nil
}

func TestVersionDocuments(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	for path, status := range map[string]int{"/volume": 300, "/volume/": 300, "/volume/v3": 200, "/volume/v3/": 200} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "http://cloud"+path, nil)
		w := httptest.NewRecorder()
		c.Handler().ServeHTTP(w, r)
		if w.Code != status || !strings.Contains(w.Body.String(), `"href":"http://cloud/volume/v3/"`) || !strings.Contains(w.Body.String(), `"version":"3.71"`) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	for _, version := range []string{"3.72", "2.1"} {
		if got, _, _ := c.do(alice, version, "GET", "/volumes", nil); got != 406 {
			t.Errorf("%s: %d", version, got)
		}
	}
}

// A URL may have the project in it, and then links have, too.
func TestProjectInURL(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	id := c.volume(alice, object{"name": "one"})
	for _, prefix := range []string{"", "/" + project("alice")} {
		list := c.want(200, alice, "3.0", "GET", prefix+"/volumes", nil)["volumes"].([]any)
		got := fmt.Sprint(list[0].(object)["links"].([]any)[0].(object)["href"])
		if want := "http://cloud/volume/v3" + prefix + "/volumes/" + id; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	c.want(400, alice, "", "GET", "/"+project("bob")+"/volumes", nil)
}
