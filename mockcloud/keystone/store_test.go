// SPDX-License-Identifier: MPL-2.0

package keystone_test

import (
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/keystone"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store/memory"
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
	if a := c.do("POST /auth/tokens", "", c.passwordBody("demo", password, "")); a.status != 401 {
		t.Errorf("the old password: %d", a.status)
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := keystone.New(b.Context(), keystone.Options{Store: memory.New(), Clock: clock.Wall()}); err != nil {
			b.Fatal(err)
		}
	}
}
