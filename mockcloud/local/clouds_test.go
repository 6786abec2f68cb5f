// SPDX-License-Identifier: MPL-2.0

package local_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
)

// passworded is one start after another of a cloud on the same directory.
type passworded struct {
	t   *testing.T
	dir string
	*local.Cloud
	url string
}

// start opens the cloud and serves it, unannounced; the end closes it.
func (p *passworded) start(passwords map[string]string) (end func()) {
	p.t.Helper()
	cloud, err := local.Open(p.t.Context(), local.Options{Dir: p.dir, Driver: "sim", Passwords: passwords})
	if err != nil {
		p.t.Fatal(err)
	}
	site := httptest.NewServer(cloud.Handler())
	p.Cloud, p.url = cloud, site.URL
	return func() {
		site.Close()
		if err := cloud.Close(); err != nil {
			p.t.Error(err)
		}
	}
}

func (p *passworded) announce() {
	p.t.Helper()
	if err := p.Announce(p.url); err != nil {
		p.t.Fatal(err)
	}
}

// written is demo's password as clouds.yaml has it.
func (p *passworded) written() string {
	p.t.Helper()
	e, err := local.Credentials(p.dir, "demo")
	if err != nil {
		p.t.Fatal(err)
	}
	return e.Auth.Password
}

func (p *passworded) post(path, token, body string) (status int, header http.Header) {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.url+"/identity/v3"+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header = http.Header{"Content-Type": {"application/json"}, "X-Auth-Token": {token}}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode, answer.Header
}

// login is demo's token; "" if the password is not demo's.
func (p *passworded) login(password string) string {
	p.t.Helper()
	_, header := p.post("/auth/tokens", "", fmt.Sprintf(
		`{"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "demo", "domain": {"id": "default"}, "password": %q}}}}}`,
		password))
	return header.Get("X-Subject-Token")
}

// change is demo changing its own password, as users do.
func (p *passworded) change(from, to string) {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.url+"/identity/v3/auth/tokens", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	token := p.login(from)
	r.Header = http.Header{"X-Auth-Token": {token}, "X-Subject-Token": {token}}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	var shown struct {
		Token struct{ User struct{ ID string } }
	}
	if err := json.NewDecoder(answer.Body).Decode(&shown); err != nil {
		p.t.Fatal(err)
	}
	body := fmt.Sprintf(`{"user": {"original_password": %q, "password": %q}}`, from, to)
	if status, _ := p.post("/users/"+shown.Token.User.ID+"/password", token, body); status != http.StatusNoContent {
		p.t.Fatalf("changing the password: %d", status)
	}
}

// Whoever waits for clouds.yaml finds it complete: it is there once the cloud can be reached. A cloud that died
// before that has locked nobody out.
func TestCloudsFileIsComplete(t *testing.T) {
	t.Parallel()
	p := &passworded{t: t, dir: filepath.Join(t.TempDir(), "state")}
	end := p.start(nil)
	if _, err := os.Stat(filepath.Join(p.dir, "clouds.yaml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before the cloud is announced: %v", err)
	}
	end()
	defer p.start(nil)()
	p.announce()
	if p.login(p.written()) == "" {
		t.Error("the password of clouds.yaml is not Keystone's")
	}
	left, err := filepath.Glob(filepath.Join(p.dir, "*password*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

// A password that a user has changed stays what it is, over any number of starts, and clouds.yaml claims no other. The operator
// may set another.
func TestChangedPasswordStays(t *testing.T) {
	t.Parallel()
	const changed, set = "changed-Secret1", "set-Secret2"
	p := &passworded{t: t, dir: filepath.Join(t.TempDir(), "state")}
	end := p.start(nil)
	p.announce()
	first := p.written()
	p.change(first, changed)
	end()
	for range 2 {
		end = p.start(nil)
		p.announce()
		if p.login(changed) == "" || p.login(first) != "" {
			t.Error("the start has changed the password")
		}
		if e, err := local.Credentials(p.dir, "demo"); err == nil || !strings.Contains(err.Error(), "MOCKCLOUD_DEMO_PASSWORD") {
			t.Errorf("clouds.yaml claims %+v, %v", e, err)
		}
		if e, err := local.Credentials(p.dir, "admin"); err != nil || e.Auth.Password == "" {
			t.Errorf("of the admin clouds.yaml has %+v, %v", e, err)
		}
		end()
	}
	end = p.start(map[string]string{"demo": set})
	p.announce()
	if p.written() != set || p.login(set) == "" || p.login(changed) != "" {
		t.Error("the operator's password is not set")
	}
	end()
	defer p.start(nil)()
	p.announce()
	if p.written() != set || p.login(set) == "" {
		t.Error("the operator's password is lost")
	}
}
