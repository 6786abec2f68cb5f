// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"errors"
	"net/http"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

const subjectHeader = "X-Subject-Token"

func (k *Keystone) tokenRoutes() []api.Route {
	return []api.Route{
		api.Post("/auth/tokens", "auth", k.createToken).Answer("token").Code(http.StatusCreated).Public(),
		api.Get("/auth/tokens", "token", k.showToken),
		api.Delete("/auth/tokens", k.revokeToken),
	}
}

type reference struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type homed struct {
	Domain reference `json:"domain"`
	ID     string    `json:"id"`
	Name   string    `json:"name"`
}

type userInToken struct {
	homed
	PasswordExpires api.Opt[string] `json:"password_expires_at"` // passwords do not
}

// tokenView is a token as its holder sees it.
type tokenView struct {
	Methods    []string                  `json:"methods"`
	User       userInToken               `json:"user"`
	AuditIDs   []string                  `json:"audit_ids"`
	Expires    string                    `json:"expires_at"`
	Issued     string                    `json:"issued_at"`
	Project    api.Opt[homed]            `json:"project,omitempty"`
	IsDomain   api.Opt[bool]             `json:"is_domain,omitempty"`
	Domain     api.Opt[reference]        `json:"domain,omitempty"`
	System     map[string]bool           `json:"system,omitempty"`
	Roles      []reference               `json:"roles,omitempty"`
	Catalog    api.Opt[[]catalogService] `json:"catalog,omitempty"`
	Credential map[string]any            `json:"application_credential,omitempty"`
	Trust      map[string]any            `json:"OS-TRUST:trust,omitempty"`
}

func (k *Keystone) createToken(c *api.Call, in *authRequest) (tokenView, error) {
	token, h, err := k.login(c.Context(), in)
	if fault := api.AsFault(err); fault != nil && fault.Code == http.StatusUnauthorized {
		return tokenView{}, fault.With("WWW-Authenticate", `Keystone uri="`+c.Base()+`/identity"`)
	}
	if err != nil {
		return tokenView{}, err
	}
	c.Header().Set(subjectHeader, token)
	c.Header().Add("Vary", "X-Auth-Token")
	return k.viewToken(c, h)
}

func (k *Keystone) showToken(c *api.Call) (tokenView, error) {
	h, err := k.subject(c, "identity:validate_token")
	if err != nil {
		return tokenView{}, err
	}
	c.Header().Set(subjectHeader, c.Request.Header.Get(subjectHeader))
	c.Header().Add("Vary", "X-Auth-Token")
	return k.viewToken(c, h)
}

func (k *Keystone) revokeToken(c *api.Call) error {
	h, err := k.subject(c, "identity:revoke_token")
	if err != nil {
		return err
	}
	return k.update(c, func(tx store.Tx) error {
		err := tokens.Delete(tx, h.token.ID)
		if errors.Is(err, store.ErrNotFound) { // somebody was faster
			return nil
		}
		return err
	})
}

// subject is the holder of X-Subject-Token, if the caller may know.
func (k *Keystone) subject(c *api.Call, rule string) (*holder, error) {
	var h *holder
	err := k.view(c, func(tx store.Tx) (err error) {
		h, err = k.holderOf(tx, c.Request.Header.Get(subjectHeader))
		return err
	})
	if errors.Is(err, errDead) { // for everybody: a policy needs the token to decide
		return nil, api.NotFound("Failed to validate token")
	}
	if err != nil {
		return nil, err
	}
	return h, allow(c, rule, api.Target{UserID: h.user.ID})
}

// stamp is how Keystone spells a moment.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

func nameOf(p *Project) reference { return reference{ID: p.ID, Name: p.Name} }

func (k *Keystone) viewToken(c *api.Call, h *holder) (tokenView, error) {
	view := tokenView{
		Methods:  h.token.Methods,
		User:     userInToken{homed: homed{ID: h.user.ID, Name: h.user.Name, Domain: nameOf(h.userDomain)}},
		AuditIDs: h.token.AuditIDs,
		Expires:  stamp(h.token.Expires), Issued: stamp(h.token.Issued),
	}
	for _, role := range h.roles {
		view.Roles = append(view.Roles, reference{ID: role.ID, Name: role.Name})
	}
	if t := h.trust; t != nil {
		view.Trust = map[string]any{
			"id": t.ID, "impersonation": t.Impersonation,
			"trustor_user": map[string]any{"id": t.TrustorID}, "trustee_user": map[string]any{"id": t.TrusteeID},
		}
	}
	switch {
	case h.scope.project != nil:
		view.Project = api.Some(homed{ID: h.scope.project.ID, Name: h.scope.project.Name, Domain: nameOf(h.home)})
		view.IsDomain = api.Some(h.scope.project.IsDomain)
	case h.scope.domain != nil:
		view.Domain = api.Some(nameOf(h.scope.domain))
	case h.scope.system:
		view.System = map[string]bool{"all": true}
	default:
		return view, nil
	}
	if h.credential != nil {
		view.Credential = map[string]any{
			"id": h.credential.ID, "name": h.credential.Name, "restricted": !h.credential.Unrestricted,
		}
	}
	if c.Request.URL.Query().Has("nocatalog") {
		return view, nil
	}
	catalog, err := k.catalog(c, h.token)
	view.Catalog = api.Some(catalog)
	return view, err
}
