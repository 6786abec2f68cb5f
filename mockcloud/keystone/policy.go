// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// The rules are Keystone's defaults (keystone/common/policies). A target is what the rule is about: its
// domain, the project that it is or is in, the user that owns it.

func admin(id *api.Identity, _ api.Target) bool { return id.Admin() }

func systemReader(id *api.Identity, _ api.Target) bool { return id.System && id.Has("reader") }

// inDomain holds for who has the role on the target's domain.
func inDomain(role string) api.Check {
	return func(id *api.Identity, target api.Target) bool {
		return id.DomainID != "" && id.DomainID == target.DomainID && id.Has(role)
	}
}

func inProject(id *api.Identity, target api.Target) bool {
	return id.ProjectID != "" && id.ProjectID == target.ProjectID
}

// ofDomain holds for every token of the target's domain or of a project in it.
func ofDomain(id *api.Identity, target api.Target) bool {
	return target.DomainID != "" && (id.DomainID == target.DomainID || id.ProjectID != "" && id.ProjectDomainID == target.DomainID)
}

// domainManager holds for the manager of any domain.
func domainManager(id *api.Identity, _ api.Target) bool {
	return id.DomainID != "" && id.Has("manager")
}

func service(id *api.Identity, _ api.Target) bool { return id.Has("service") }

func policy() api.Policy {
	readers := api.Any(admin, systemReader, inDomain("reader"))
	managers := api.Any(admin, inDomain("manager"))
	adminOrReader := api.Any(admin, systemReader)
	owner := api.Any(admin, systemReader, api.OwnUser)
	return api.Policy{
		"identity:validate_token": api.Any(admin, systemReader, service, api.OwnUser),
		"identity:check_token":    api.Any(admin, systemReader, api.OwnUser),
		"identity:revoke_token":   api.Any(admin, api.OwnUser),

		"identity:get_domain":    api.Any(admin, systemReader, ofDomain),
		"identity:list_domains":  readers,
		"identity:change_domain": admin,

		"identity:get_project":        api.Any(admin, systemReader, inDomain("reader"), inProject),
		"identity:list_projects":      readers,
		"identity:list_user_projects": api.Any(admin, systemReader, inDomain("reader"), api.OwnUser),
		"identity:change_project":     managers,

		"identity:get_user":    api.Any(admin, systemReader, inDomain("reader"), api.OwnUser),
		"identity:list_users":  readers,
		"identity:change_user": managers,

		"identity:get_group":    readers,
		"identity:list_groups":  readers,
		"identity:change_group": managers,

		"identity:get_role":    api.Any(admin, systemReader, domainManager),
		"identity:list_roles":  api.Any(admin, systemReader, domainManager),
		"identity:change_role": admin,

		"identity:list_grants":           readers,
		"identity:change_grant":          managers,
		"identity:list_role_assignments": readers,

		"identity:get_catalog":    api.Anyone,
		"identity:read_catalog":   adminOrReader,
		"identity:change_catalog": admin,

		"identity:get_credential":    owner,
		"identity:change_credential": api.Any(admin, api.OwnUser),

		"identity:get_policy":    adminOrReader,
		"identity:change_policy": admin,

		"identity:create_trust":            api.OwnUser,
		"identity:list_trusts":             adminOrReader,
		"identity:list_trusts_for_trustor": owner,
		"identity:list_trusts_for_trustee": owner,
		"identity:get_trust":               adminOrReader, // and both who have a part in it
		"identity:delete_trust":            admin,         // and the trustor

		"identity:get_application_credential":    owner,
		"identity:create_application_credential": api.OwnUser,
		"identity:delete_application_credential": api.Any(admin, api.OwnUser),
	}
}

// domainManaged are the roles that the manager of a domain may give and take.
var domainManaged = []string{"manager", "member", "reader"}

// allow returns Keystone's 403 when the rule forbids the caller to do this to the target.
func allow(c *api.Call, rule string, target api.Target) error {
	if c.Allowed(rule, target) {
		return nil
	}
	return api.Forbidden("You are not authorized to perform the requested action: %s.", rule)
}

// mayGrant returns the 403 for a role that the caller may not give away: only an administrator gives
// admin and service.
func mayGrant(c *api.Call, role *Role) error {
	if c.Identity.Admin() || slices.Contains(domainManaged, role.Name) {
		return nil
	}
	return api.Forbidden("You are not authorized to perform the requested action: identity:create_grant.")
}
