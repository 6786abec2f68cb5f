// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Credentials, in Keystone's words, are secrets of users that it keeps for other ways to prove who somebody is:
// EC2 keys, one-time passwords, certificates. We keep them; nobody logs in with them here.
func (k *Keystone) secretRoutes() []api.Route {
	return []api.Route{
		api.Get("/credentials", "", k.listSecrets),
		api.Post("/credentials", "credential", k.createSecret).Code(http.StatusCreated),
		api.Get("/credentials/{credential_id}", "credential", k.showSecret),
		api.Patch("/credentials/{credential_id}", "credential", k.updateSecret),
		api.Delete("/credentials/{credential_id}", k.deleteSecret),
	}
}

// ec2 is the type whose blob has to be {"access", "secret"}.
const ec2 = "ec2"

var secretKind = kind[Secret]{&secrets, "credential", func(s *Secret) api.Target { return api.Target{UserID: s.UserID} }}

type secretBody struct {
	Type    string          `json:"type" need:""`
	Blob    string          `json:"blob" need:""`
	User    string          `json:"user_id" need:""`
	Project api.Opt[string] `json:"project_id" null:"ok"`
	Extra   map[string]any  `json:"*"`
}

type secretChange struct {
	Type    api.Opt[string] `json:"type"`
	Blob    api.Opt[string] `json:"blob"`
	User    api.Opt[string] `json:"user_id"`
	Project api.Opt[string] `json:"project_id" null:"ok"`
	Extra   map[string]any  `json:"*"`
}

type secretView struct {
	ID      string          `json:"id"`
	Type    string          `json:"type"`
	Blob    string          `json:"blob"`
	User    string          `json:"user_id"`
	Project api.Opt[string] `json:"project_id"`
	Links   links           `json:"links"`
	Extra   map[string]any  `json:"*"`
}

func viewSecret(c *api.Call, s *Secret) secretView {
	return secretView{
		ID: s.ID, Type: s.Type, Blob: s.Blob, User: s.UserID, Project: orNull(s.ProjectID),
		Links: self(c, "/credentials/"+s.ID), Extra: s.Extra,
	}
}

var secretAttributes = attributes[Secret]{
	"type":    func(s *Secret) string { return s.Type },
	"user_id": func(s *Secret) string { return s.UserID },
}

// listSecrets lists those that the caller may see.
func (k *Keystone) listSecrets(c *api.Call) (map[string]any, error) {
	var all []*Secret
	err := k.view(c, func(tx store.Tx) error {
		check, err := k.bounds(c, tx)
		if err != nil {
			return err
		}
		all, err = secrets.All(tx)
		all = slices.DeleteFunc(all, func(s *Secret) bool {
			return !c.Allowed("identity:get_credential", secretKind.target(s)) || check(s) != nil
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return listing(c, "credentials", secretAttributes.keep(c, all), secrets.Key, viewSecret)
}

func (k *Keystone) createSecret(c *api.Call, in *secretBody) (secretView, error) {
	s := &Secret{ID: newID(), Type: in.Type, Blob: in.Blob, UserID: in.User, ProjectID: in.Project.Value, Extra: extras(nil, in.Extra)}
	if err := allow(c, "identity:change_credential", secretKind.target(s)); err != nil {
		return secretView{}, err
	}
	if strings.EqualFold(s.Type, ec2) {
		access, err := accessOf(s.Blob)
		if err != nil {
			return secretView{}, err
		}
		if !in.Project.Set {
			return secretView{}, api.BadRequest("'project_id' is a required property")
		}
		sum := sha256.Sum256([]byte(access))
		s.ID = hex.EncodeToString(sum[:]) // whoever signs with the key names it by its access part
	}
	return viewSecret(c, s), k.update(c, func(tx store.Tx) error {
		if strings.EqualFold(s.Type, ec2) {
			if _, err := k.mayHandOut(c, tx); err != nil {
				return err
			}
		}
		if err := k.inBounds(c, tx, s); err != nil {
			return err
		}
		return duplicate(secrets.Insert(tx, s), secretKind.name, s.ID)
	})
}

// accessOf is the public part of the EC2 key in a blob.
func accessOf(blob string) (string, error) {
	var key map[string]any
	if err := json.Unmarshal([]byte(blob), &key); err != nil {
		return "", api.BadRequest("Invalid blob in credential")
	}
	access, ok := key["access"].(string)
	if !ok {
		return "", api.BadRequest("Expecting to find access in credential. The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.")
	}
	return access, nil
}

// bounds are where the caller's token may keep secrets: that of an application credential only in the credential's
// project, so that it does not get at secrets that work elsewhere.
func (k *Keystone) bounds(c *api.Call, tx store.Tx) (func(*Secret) error, error) {
	held, err := k.holderOf(tx, c.Request.Header.Get("X-Auth-Token"))
	if errors.Is(err, errDead) { // it ended since it was checked
		return nil, unauthorized()
	}
	return func(s *Secret) error {
		if held.credential != nil && held.credential.ProjectID != s.ProjectID {
			return api.Forbidden("You are not authorized to perform the requested action: Credential project does not match the project scope of the delegated token.")
		}
		return nil
	}, err
}

// inBounds is bounds for one secret.
func (k *Keystone) inBounds(c *api.Call, tx store.Tx, s *Secret) error {
	check, err := k.bounds(c, tx)
	if err != nil {
		return err
	}
	return check(s)
}

func (k *Keystone) showSecret(c *api.Call) (secretView, error) {
	var s *Secret
	err := k.view(c, func(tx store.Tx) (err error) {
		if s, err = secretKind.find(c, tx, c.Var("credential_id"), "identity:get_credential"); err != nil {
			return err
		}
		return k.inBounds(c, tx, s)
	})
	if err != nil {
		return secretView{}, err
	}
	return viewSecret(c, s), nil
}

// updateSecret asks the rule twice: nobody may give a secret to somebody in whose name they could not have made it.
func (k *Keystone) updateSecret(c *api.Call, in *secretChange) (secretView, error) {
	s, err := secretKind.change(k, c, c.Var("credential_id"), "identity:change_credential", func(tx store.Tx, s *Secret) error {
		if err := k.inBounds(c, tx, s); err != nil {
			return err
		}
		if in.Blob.Set && strings.EqualFold(s.Type, ec2) {
			if _, err := accessOf(in.Blob.Value); err != nil {
				return err
			}
		}
		changed(&s.Type, in.Type)
		changed(&s.Blob, in.Blob)
		changed(&s.UserID, in.User)
		changed(&s.ProjectID, in.Project)
		s.Extra = extras(s.Extra, in.Extra)
		return allow(c, "identity:change_credential", secretKind.target(s))
	})
	if err != nil {
		return secretView{}, err
	}
	return viewSecret(c, s), nil
}

func (k *Keystone) deleteSecret(c *api.Call) error {
	return secretKind.delete(k, c, c.Var("credential_id"), "identity:change_credential", func(tx store.Tx, s *Secret) error {
		return k.inBounds(c, tx, s)
	})
}
