// SPDX-License-Identifier: MPL-2.0

package keystone_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/keystone"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// each runs over all rows of all tables.
func (c *cloud) each(do func(table, value string)) {
	c.Helper()
	err := c.store.View(c.Context(), func(tx store.Tx) error {
		for _, table := range []string{
			"projects", "users", "groups", "roles", "assignments", "regions", "services", "endpoints", "application_credentials", "tokens",
		} {
			for row, err := range tx.Scan("keystone." + table) {
				if err != nil {
					return err
				}
				do("keystone."+table, string(row.Value))
			}
		}
		return nil
	})
	if err != nil {
		c.Fatal(err)
	}
}

func (c *cloud) rows(table string) int {
	n := 0
	c.each(func(t, _ string) {
		if t == table {
			n++
		}
	})
	return n
}

// TestSecretsAreHashed looks for every secret in all that is stored.
func TestSecretsAreHashed(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.ask(201, "POST /users", `{"user":{"name":"bob","password":"bobs-long-password"}}`)
	made := c.ask(201, "POST /users/"+c.userID("admin")+"/application_credentials", `{"application_credential":{"name":"a"}}`)
	secrets := []string{
		c.Password("admin"), c.Password("demo"), "bobs-long-password", c.admin, c.demo(),
		made.at("application_credential", "secret").(string),
	}
	c.each(func(table, value string) {
		for _, secret := range secrets {
			if strings.Contains(value, secret) {
				t.Errorf("%s keeps a secret: %s", table, value)
			}
		}
	})
}

func TestRestart(t *testing.T) {
	t.Parallel()
	c := start(t)
	password, token := c.Password("demo"), c.demo()
	before := c.rows("keystone.endpoints")
	c.open(nil)
	if c.Password("demo") != "" {
		t.Error("a password is known after a restart")
	}
	if !c.valid(token) || !c.valid(c.admin) {
		t.Error("a token did not survive")
	}
	if after := c.rows("keystone.endpoints"); after != before {
		t.Errorf("%d endpoints, before the restart %d", after, before)
	}
	c.login("demo", password, onDemo)
	c.open(map[string]string{"demo": password})
	if !c.valid(token) {
		t.Error("the same password once more ended a token")
	}
	c.open(map[string]string{"demo": "another"})
	if c.valid(token) || !c.valid(c.admin) {
		t.Error("another password ends the tokens of its user, and no others")
	}
	c.login("demo", "another", onDemo)
	if a := c.do("POST /auth/tokens", "", passwordBody("demo", password, "")); a.status != 401 {
		t.Errorf("the old password: %d", a.status)
	}
}

// TestShared has two processes on one store: what one of them changes, the other's memory of who holds
// which token must not outlive.
func TestShared(t *testing.T) {
	t.Parallel()
	c := start(t)
	other, err := keystone.New(t.Context(), keystone.Options{Store: c.store, Clock: c.clock})
	if err != nil {
		t.Fatal(err)
	}
	user := c.user("bob", "member")
	token := c.login("bob", "pw", onDemo)
	roles := func() string {
		id, err := other.Authenticate(t.Context(), token)
		if err != nil {
			return "none"
		}
		return strings.Join(id.Roles, " ")
	}
	if got := roles(); got != "member reader" {
		t.Errorf("at first: %s", got)
	}
	grant := "/projects/" + c.projectID("demo") + "/users/" + user + "/roles/"
	c.ask(204, "PUT "+grant+c.roleID("service"), "")
	if got := roles(); got != "member reader service" {
		t.Errorf("with another role: %s", got)
	}
	c.ask(204, "DELETE "+grant+c.roleID("member"), "")
	if got := roles(); got != "service" {
		t.Errorf("with one role less: %s", got)
	}
	c.ask(204, "DELETE /users/"+user, "")
	if got := roles(); got != "none" {
		t.Errorf("deleted: %s", got)
	}
}

// TestConcurrent changes what tokens stand for while many use them.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	c := start(t)
	user, demo, reader := c.user("bob", "member"), c.projectID("demo"), c.roleID("service")
	token := c.login("bob", "pw", onDemo)
	done := make(chan struct{})
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if id, err := c.Authenticate(t.Context(), token); err != nil || !id.Has("member") {
					t.Errorf("%+v, %v", id, err)
					return
				}
			}
		})
	}
	for range 5 {
		for _, method := range []string{"PUT", "DELETE"} {
			c.ask(204, method+" /projects/"+demo+"/users/"+user+"/roles/"+reader, "")
			id, err := c.Authenticate(t.Context(), token)
			if err != nil || id.Has("service") != (method == "PUT") {
				t.Errorf("after %s: %+v, %v", method, id, err)
			}
		}
	}
	close(done)
	group.Wait()
}
