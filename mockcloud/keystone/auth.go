// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// authRequest is the body of POST /v3/auth/tokens: who, proved how, and for what.
type authRequest struct {
	Identity struct {
		Methods    []string         `json:"methods" need:""`
		Password   *passwordProof   `json:"password"`
		Token      *tokenProof      `json:"token"`
		Credential *credentialProof `json:"application_credential"`
	} `json:"identity" need:""`
	Scope scopeRequest `json:"scope"`
}

type passwordProof struct {
	User struct {
		userReference
		Password string `json:"password" need:""`
	} `json:"user" need:""`
}

type tokenProof struct {
	ID string `json:"id" need:""`
}

type credentialProof struct {
	ID     string         `json:"id"`
	Name   string         `json:"name"`
	Secret string         `json:"secret" need:""`
	User   *userReference `json:"user"`
}

// userReference and the others name an object by its id, or by a name and a domain.
type userReference struct {
	ID     string          `json:"id"`
	Name   string          `json:"name"`
	Domain domainReference `json:"domain"`
}

type projectReference struct {
	ID     string          `json:"id"`
	Name   string          `json:"name"`
	Domain domainReference `json:"domain"`
}

type domainReference struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// scopeRequest is the scope that a client asks for: an object of one key, or the word "unscoped".
type scopeRequest struct {
	Project  *projectReference    `json:"project"`
	Domain   *domainReference     `json:"domain"`
	System   *struct{ All bool }  `json:"system"`
	Trust    *struct{ ID string } `json:"OS-TRUST:trust"`
	unscoped bool
}

// Parse implements api.Parser.
func (s *scopeRequest) Parse(v any) error {
	if text, ok := v.(string); ok && text == "unscoped" {
		s.unscoped = true
		return nil
	}
	object, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("the scope is neither an object nor 'unscoped'")
	}
	if _, ok := object["unscoped"]; ok && len(object) == 1 {
		s.unscoped = true
		return nil
	}
	raw, err := json.Marshal(object)
	if err != nil {
		return err
	}
	type plain scopeRequest
	if err := json.NewDecoder(bytes.NewReader(raw)).Decode((*plain)(s)); err != nil {
		return fmt.Errorf("the scope is malformed")
	}
	given := 0
	for _, is := range []bool{s.Project != nil, s.Domain != nil, s.System != nil, s.Trust != nil} {
		if is {
			given++
		}
	}
	if given != 1 {
		return fmt.Errorf("the scope has to be one of project, domain and system, or a trust")
	}
	return nil
}

// find returns the domain that is meant, or store.ErrNotFound.
func (r domainReference) find(tx store.Tx) (*Project, error) {
	if r.ID == "" {
		return projects.One(tx, "name", within("", r.Name)[0])
	}
	domain, err := projects.Get(tx, r.ID)
	if err == nil && !domain.IsDomain {
		return nil, store.ErrNotFound
	}
	return domain, err
}

func (r projectReference) find(tx store.Tx) (*Project, error) {
	if r.ID != "" {
		return projects.Get(tx, r.ID)
	}
	domain, err := r.Domain.find(tx)
	if err != nil {
		return nil, err
	}
	project, err := projects.One(tx, "name", within(domain.ID, r.Name)[0])
	if errors.Is(err, store.ErrNotFound) && r.Name == domain.Name {
		return domain, nil
	}
	return project, err
}

func (r userReference) find(tx store.Tx) (*User, error) {
	if r.ID != "" {
		return users.Get(tx, r.ID)
	}
	domain, err := r.Domain.find(tx)
	if err != nil {
		return nil, err
	}
	return users.One(tx, "name", within(domain.ID, r.Name)[0])
}

// apply puts the scope asked for into a token that is about to be issued. Without one, it is the user's
// default project if the user may use that, else none.
func (s *scopeRequest) apply(tx store.Tx, row *Token) error {
	switch {
	case s.unscoped:
		return nil
	case s.Project != nil:
		project, err := s.Project.find(tx)
		if err != nil {
			return dead(err)
		}
		row.ProjectID = project.ID
	case s.Domain != nil:
		domain, err := s.Domain.find(tx)
		if err != nil {
			return dead(err)
		}
		row.DomainID = domain.ID
	case s.System != nil:
		if !s.System.All {
			return errDead
		}
		row.System = true
	case s.Trust != nil:
		trust, err := trusts.Get(tx, s.Trust.ID)
		if err != nil {
			return dead(err)
		}
		return trust.use(tx, row)
	default:
		return byDefault(tx, row)
	}
	return nil
}

func byDefault(tx store.Tx, row *Token) error {
	user, err := users.Get(tx, row.UserID)
	if err != nil {
		return dead(err)
	}
	if user.DefaultProjectID == "" {
		return nil
	}
	project, err := enabled(tx, user.DefaultProjectID)
	if errors.Is(err, errDead) {
		return nil
	}
	if err != nil {
		return err
	}
	held, err := rolesIn(tx, row.UserID, scope{project: project})
	if err == nil && len(held) > 0 {
		row.ProjectID = project.ID
	}
	return err
}
