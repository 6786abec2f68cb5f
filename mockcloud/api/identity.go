// SPDX-License-Identifier: MPL-2.0

package api

import (
	"context"
	"slices"
	"time"
)

// Identity is who makes a request, as a valid token says.
type Identity struct {
	UserID, UserName, UserDomainID string
	// ProjectID is empty for a token that is scoped to a domain, the system or nothing.
	ProjectID, ProjectName, ProjectDomainID string
	// DomainID is set for a token that is scoped to a domain.
	DomainID string
	// System is a token scoped to the whole system.
	System  bool
	Roles   []string // names, implied ones included
	Expires time.Time

	// admin is what the service's own policy says of the caller, if it says who is an administrator.
	admin, judged bool
}

// Has reports whether the identity holds the role.
func (id *Identity) Has(role string) bool { return slices.Contains(id.Roles, role) }

// Admin reports whether the identity is an administrator: who satisfies the service's rule
// context_is_admin, or has the role admin where the service has no such rule.
func (id *Identity) Admin() bool {
	if id.judged {
		return id.admin
	}
	return id.Has("admin")
}

// under is the identity as a service with that policy sees it.
func (id *Identity) under(policy Policy) *Identity {
	check := policy[adminRule]
	if id == nil || check == nil {
		return id
	}
	seen := *id
	seen.admin, seen.judged = check(id, Target{ProjectID: id.ProjectID, UserID: id.UserID}), true
	return &seen
}

// Authenticator turns a token into an identity.
type Authenticator interface {
	// Authenticate returns who the token was issued to, or a 401 Fault for a token that is
	// unknown, revoked or expired.
	Authenticate(ctx context.Context, token string) (*Identity, error)
}

// Target is the object that a policy is asked about.
type Target struct{ ProjectID, UserID, DomainID string }

// Check decides whether an identity may do something to a target.
type Check func(id *Identity, target Target) bool

// Policy are a service's rules by name.
type Policy map[string]Check

// Role holds for who has the role.
func Role(name string) Check { return func(id *Identity, _ Target) bool { return id.Has(name) } }

// RoleInProject holds for who has the role in the target's project.
func RoleInProject(name string) Check {
	return func(id *Identity, target Target) bool {
		return id.Has(name) && id.ProjectID != "" && id.ProjectID == target.ProjectID
	}
}

// OwnUser holds for the target's user.
func OwnUser(id *Identity, target Target) bool { return id.UserID != "" && id.UserID == target.UserID }

// Anyone holds for every valid token.
func Anyone(*Identity, Target) bool { return true }

// Nobody holds for no token.
func Nobody(*Identity, Target) bool { return false }

// InProject holds for tokens that are scoped to a project, or to nothing: what oslo.policy enforces of a
// rule whose scope is "project".
func InProject(id *Identity, _ Target) bool { return !id.System && id.DomainID == "" }

// Not holds when the check does not.
func Not(check Check) Check {
	return func(id *Identity, target Target) bool { return !check(id, target) }
}

// All holds when every check does.
func All(checks ...Check) Check {
	return func(id *Identity, target Target) bool {
		return !slices.ContainsFunc(checks, func(c Check) bool { return !c(id, target) })
	}
}

// Any holds when one of the checks does.
func Any(checks ...Check) Check {
	return func(id *Identity, target Target) bool {
		return slices.ContainsFunc(checks, func(c Check) bool { return c(id, target) })
	}
}
