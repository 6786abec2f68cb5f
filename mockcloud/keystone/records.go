// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"slices"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// A Project is a project or, as in Keystone, a domain: one that acts as a domain has no domain of its
// own and is the root of its projects' tree.
type Project struct {
	ID, Name, Description string
	DomainID, ParentID    string
	Enabled, IsDomain     bool
	Tags                  []string
	Options, Extra        map[string]any
}

// User is an account. Password is a hash, or "" for an account that cannot log in with one.
type User struct {
	ID, Name, DomainID, DefaultProjectID string
	Description                          string
	Enabled                              bool
	Password                             string
	Options, Extra                       map[string]any
}

// Group is a set of users; its Members are user ids.
type Group struct {
	ID, Name, DomainID, Description string
	Members                         []string
	Extra                           map[string]any
}

// Role is what assignments give; whoever has it has the roles that it Implies (ids) as well.
type Role struct {
	ID, Name, DomainID, Description string
	Implies                         []string
	Options, Extra                  map[string]any
}

// Assignment gives a role to one actor, a user or a group, on one target: a project, a domain or the
// whole system. An inherited one holds not on the target itself but on all projects below it.
type Assignment struct {
	UserID, GroupID     string
	ProjectID, DomainID string
	System, Inherited   bool
	RoleID              string
}

func (a *Assignment) key() string {
	target := "system"
	switch {
	case a.ProjectID != "":
		target = "project:" + a.ProjectID
	case a.DomainID != "":
		target = "domain:" + a.DomainID
	}
	if a.Inherited {
		target += ":inherited"
	}
	return a.actor() + "/" + target + "/" + a.RoleID
}

func (a *Assignment) actor() string {
	if a.GroupID != "" {
		return "group:" + a.GroupID
	}
	return "user:" + a.UserID
}

// Region is a part of the cloud.
type Region struct {
	ID, Description, ParentID string
	Extra                     map[string]any
}

// Service is an entry of the catalogue.
type Service struct {
	ID, Type, Name, Description string
	Enabled                     bool
	Extra                       map[string]any
}

// Endpoint is where a service is. A URL that begins with a slash is below the cloud's own address,
// whatever the client calls that; $(project_id)s stands for the project of the token.
type Endpoint struct {
	ID, ServiceID, RegionID, Interface, URL string
	Enabled                                 bool
	Extra                                   map[string]any
}

// ApplicationCredential lets a program act for a user in one project with some of the user's roles.
type ApplicationCredential struct {
	ID, Name, Description, UserID, ProjectID string
	RoleIDs                                  []string
	Unrestricted                             bool
	Expires                                  time.Time // zero for never
	Secret                                   string    // a hash
}

// Secret is what Keystone's API calls a credential: a blob that proves who a user is in some other way.
type Secret struct {
	ID, Type, Blob, UserID, ProjectID string
	Extra                             map[string]any
}

// PolicyBlob is a policy that Keystone keeps for another service.
type PolicyBlob struct {
	ID, Type, Blob string
	Extra          map[string]any
}

// Trust lets one user, the trustee, act in a project of another, the trustor, with some of the trustor's roles,
// and in the trustor's name with Impersonation.
type Trust struct {
	ID, TrustorID, TrusteeID, ProjectID string
	RoleIDs                             []string
	Impersonation                       bool
	Expires                             time.Time // zero for never
	Remaining                           *int      // tokens that may still be issued by it; nil for any number
}

// Token is a token that was issued. Its ID is the hash of what the client holds.
type Token struct {
	ID                  string
	UserID              string
	ProjectID, DomainID string
	System              bool
	Methods, AuditIDs   []string
	Issued, Expires     time.Time
	CredentialID        string // of an application credential
	TrustID             string
}

// within makes a unique value of a name that need only be unique in its domain (or user).
func within(owner, name string) []string { return []string{owner + "\x00" + name} }

func one(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}

var (
	projects = store.Table[Project]{
		Name: "keystone.projects", Key: func(p *Project) string { return p.ID },
		Indexes: []store.Index[Project]{
			{Name: "name", Unique: true, Of: func(p *Project) []string { return within(p.DomainID, p.Name) }},
			{Name: "domain", Of: func(p *Project) []string { return one(p.DomainID) }},
			{Name: "parent", Of: func(p *Project) []string { return one(p.ParentID) }},
		},
	}
	users = store.Table[User]{
		Name: "keystone.users", Key: func(u *User) string { return u.ID },
		Indexes: []store.Index[User]{
			{Name: "name", Unique: true, Of: func(u *User) []string { return within(u.DomainID, u.Name) }},
			{Name: "domain", Of: func(u *User) []string { return one(u.DomainID) }},
			{Name: "default_project", Of: func(u *User) []string { return one(u.DefaultProjectID) }},
		},
	}
	groups = store.Table[Group]{
		Name: "keystone.groups", Key: func(g *Group) string { return g.ID },
		Indexes: []store.Index[Group]{
			{Name: "name", Unique: true, Of: func(g *Group) []string { return within(g.DomainID, g.Name) }},
			{Name: "domain", Of: func(g *Group) []string { return one(g.DomainID) }},
			{Name: "member", Of: func(g *Group) []string { return g.Members }},
		},
	}
	roles = store.Table[Role]{
		Name: "keystone.roles", Key: func(r *Role) string { return r.ID },
		Indexes: []store.Index[Role]{
			{Name: "name", Unique: true, Of: func(r *Role) []string { return within(r.DomainID, r.Name) }},
			{Name: "domain", Of: func(r *Role) []string { return one(r.DomainID) }},
			{Name: "implies", Of: func(r *Role) []string { return r.Implies }},
		},
	}
	assignments = store.Table[Assignment]{
		Name: "keystone.assignments", Key: (*Assignment).key,
		Indexes: []store.Index[Assignment]{
			{Name: "actor", Of: func(a *Assignment) []string { return one(a.actor()) }},
			{Name: "project", Of: func(a *Assignment) []string { return one(a.ProjectID) }},
			{Name: "domain", Of: func(a *Assignment) []string { return one(a.DomainID) }},
			{Name: "role", Of: func(a *Assignment) []string { return one(a.RoleID) }},
		},
	}
	regions = store.Table[Region]{
		Name: "keystone.regions", Key: func(r *Region) string { return r.ID },
		Indexes: []store.Index[Region]{{Name: "parent", Of: func(r *Region) []string { return one(r.ParentID) }}},
	}
	services  = store.Table[Service]{Name: "keystone.services", Key: func(s *Service) string { return s.ID }}
	endpoints = store.Table[Endpoint]{
		Name: "keystone.endpoints", Key: func(e *Endpoint) string { return e.ID },
		Indexes: []store.Index[Endpoint]{
			{Name: "service", Of: func(e *Endpoint) []string { return one(e.ServiceID) }},
			{Name: "region", Of: func(e *Endpoint) []string { return one(e.RegionID) }},
		},
	}
	credentials = store.Table[ApplicationCredential]{
		Name: "keystone.application_credentials", Key: func(a *ApplicationCredential) string { return a.ID },
		Indexes: []store.Index[ApplicationCredential]{
			{Name: "name", Unique: true, Of: func(a *ApplicationCredential) []string { return within(a.UserID, a.Name) }},
			{Name: "user", Of: func(a *ApplicationCredential) []string { return one(a.UserID) }},
			{Name: "project", Of: func(a *ApplicationCredential) []string { return one(a.ProjectID) }},
		},
	}
	trusts = store.Table[Trust]{
		Name: "keystone.trusts", Key: func(t *Trust) string { return t.ID },
		Indexes: []store.Index[Trust]{
			{Name: "user", Of: func(t *Trust) []string { return slices.Compact([]string{t.TrustorID, t.TrusteeID}) }},
			{Name: "project", Of: func(t *Trust) []string { return one(t.ProjectID) }},
		},
	}
	secrets = store.Table[Secret]{
		Name: "keystone.credentials", Key: func(s *Secret) string { return s.ID },
		Indexes: []store.Index[Secret]{
			{Name: "user", Of: func(s *Secret) []string { return one(s.UserID) }},
			{Name: "project", Of: func(s *Secret) []string { return one(s.ProjectID) }},
		},
	}
	policyBlobs = store.Table[PolicyBlob]{Name: "keystone.policies", Key: func(p *PolicyBlob) string { return p.ID }}
	tokens      = store.Table[Token]{
		Name: "keystone.tokens", Key: func(t *Token) string { return t.ID },
		Indexes: []store.Index[Token]{
			{Name: "user", Of: func(t *Token) []string { return one(t.UserID) }},
			{Name: "project", Of: func(t *Token) []string { return one(t.ProjectID) }},
			{Name: "domain", Of: func(t *Token) []string { return one(t.DomainID) }},
			{Name: "credential", Of: func(t *Token) []string { return one(t.CredentialID) }},
			{Name: "trust", Of: func(t *Token) []string { return one(t.TrustID) }},
		},
	}
)

// remove deletes every row that has that value in that index.
func remove[T any](tx store.Tx, table *store.Table[T], index, value string) error {
	rows, err := table.By(tx, index, value)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := table.Delete(tx, table.Key(row)); err != nil {
			return err
		}
	}
	return nil
}
