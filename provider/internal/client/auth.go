// SPDX-License-Identifier: MPL-2.0

package client

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
)

// SettingError is an error that one setting of the provider can cure.
type SettingError struct {
	Setting string // the attribute's name
	Summary string
	Detail  string
}

func (e *SettingError) Error() string { return e.Summary + ": " + e.Detail }

// authOptions are the settings as gophercloud wants them.
func authOptions(s Settings) (gophercloud.AuthOptions, error) {
	address := s.value(AuthURL)
	if address == "" {
		return gophercloud.AuthOptions{}, &SettingError{AuthURL, "No Cloud Named",
			"Set cloud (a name in clouds.yaml) or auth_url in the provider block, or OS_CLOUD or OS_AUTH_URL in the environment."}
	}
	if u, err := url.Parse(address); err != nil || u.Host == "" || !strings.HasPrefix(u.Scheme, "http") {
		return gophercloud.AuthOptions{}, &SettingError{AuthURL, "Invalid Identity URL",
			fmt.Sprintf("auth_url from %s has to be an http or https URL with a host.", s[AuthURL].Source)}
	}
	for _, method := range methods {
		if slices.ContainsFunc(method.marks, s.Has) {
			opts, err := method.options(s)
			opts.IdentityEndpoint = address
			return opts, err
		}
	}
	return gophercloud.AuthOptions{}, &SettingError{Password, "No Credentials", fmt.Sprintf(
		"Set a password, a token or an application credential with its secret. What is set: %s.", s.sources())}
}

// methods are the ways to authenticate, the first of which applies that has a mark set.
var methods = []struct {
	marks   []string
	options func(Settings) (gophercloud.AuthOptions, error)
}{
	{[]string{ApplicationCredentialSecret, ApplicationCredentialID, ApplicationCredentialName}, byApplicationCredential},
	{[]string{Password}, byPassword},
	{[]string{Token}, byToken},
}

// byApplicationCredential: the credential carries its project, and Keystone refuses a scope beside it.
func byApplicationCredential(s Settings) (gophercloud.AuthOptions, error) {
	opts := gophercloud.AuthOptions{
		ApplicationCredentialID:     s.value(ApplicationCredentialID),
		ApplicationCredentialName:   s.value(ApplicationCredentialName),
		ApplicationCredentialSecret: s.value(ApplicationCredentialSecret),
		AllowReauth:                 true,
		Scope:                       &gophercloud.AuthScope{},
	}
	if !s.Has(ApplicationCredentialSecret) {
		return opts, &SettingError{ApplicationCredentialSecret, "Incomplete Application Credential",
			"An application credential needs application_credential_secret."}
	}
	switch {
	case opts.ApplicationCredentialID != "":
		return opts, nil
	case opts.ApplicationCredentialName == "":
		return opts, &SettingError{ApplicationCredentialID, "Incomplete Application Credential",
			"An application credential needs application_credential_id, or application_credential_name and its user."}
	}
	return withUser(opts, s)
}

func byPassword(s Settings) (gophercloud.AuthOptions, error) {
	opts, err := withUser(gophercloud.AuthOptions{Password: s.value(Password), AllowReauth: true}, s)
	if err != nil {
		return opts, err
	}
	opts.Scope, err = scope(s)
	return opts, err
}

// byToken: nothing can renew a token, so it is not tried.
func byToken(s Settings) (gophercloud.AuthOptions, error) {
	wanted, err := scope(s)
	return gophercloud.AuthOptions{TokenID: s.value(Token), Scope: wanted}, err
}

func withUser(opts gophercloud.AuthOptions, s Settings) (gophercloud.AuthOptions, error) {
	if s.Has(UserID) {
		opts.UserID = s.value(UserID)
		return opts, nil
	}
	if !s.Has(UserName) {
		return opts, &SettingError{UserName, "No User", fmt.Sprintf(
			"Set user_name or user_id. What is set: %s.", s.sources())}
	}
	opts.Username = s.value(UserName)
	opts.DomainID, opts.DomainName = domain(s, UserDomainID, UserDomainName)
	if opts.DomainID == "" && opts.DomainName == "" {
		return opts, &SettingError{UserDomainName, "No User Domain",
			"A user_name is unique only within a domain: set user_domain_name or user_domain_id (often \"Default\" or \"default\")."}
	}
	return opts, nil
}

// scope is what the token is to be good for: the system, a project or a domain.
func scope(s Settings) (*gophercloud.AuthScope, error) {
	switch {
	case s.Has(SystemScope):
		if s.value(SystemScope) != "all" && s.value(SystemScope) != "true" {
			return nil, &SettingError{SystemScope, "Invalid System Scope", `The only system scope that Keystone knows is "all".`}
		}
		return &gophercloud.AuthScope{System: true}, nil
	case s.Has(ProjectID):
		return &gophercloud.AuthScope{ProjectID: s.value(ProjectID)}, nil
	case s.Has(ProjectName):
		id, name := domain(s, ProjectDomainID, ProjectDomainName)
		if id == "" && name == "" {
			return nil, &SettingError{ProjectDomainName, "No Project Domain",
				"A project_name is unique only within a domain: set project_domain_name or project_domain_id (often \"Default\" or \"default\")."}
		}
		return &gophercloud.AuthScope{ProjectName: s.value(ProjectName), DomainID: id, DomainName: name}, nil
	case s.Has(DomainID):
		return &gophercloud.AuthScope{DomainID: s.value(DomainID)}, nil
	case s.Has(DomainName):
		return &gophercloud.AuthScope{DomainName: s.value(DomainName)}, nil
	}
	return &gophercloud.AuthScope{}, nil
}

// domain is the domain named by the settings id or name, or else by the general ones; at most one of
// the two answers is set.
func domain(s Settings, id, name string) (string, string) {
	switch {
	case s.Has(id):
		return s.value(id), ""
	case s.Has(name):
		return "", s.value(name)
	case s.Has(DomainID):
		return s.value(DomainID), ""
	case s.Has(DomainName):
		return "", s.value(DomainName)
	}
	return s.value(DefaultDomain), ""
}

// availability is the kind of endpoint that is asked for; both spellings of each are in use.
func availability(s Settings) (gophercloud.Availability, error) {
	switch strings.TrimSuffix(s.value(EndpointType), "URL") {
	case "", "public":
		return gophercloud.AvailabilityPublic, nil
	case "internal":
		return gophercloud.AvailabilityInternal, nil
	case "admin":
		return gophercloud.AvailabilityAdmin, nil
	}
	return "", &SettingError{EndpointType, "Invalid Endpoint Type", fmt.Sprintf(
		"endpoint_type from %s is %q; it has to be public, internal or admin.", s[EndpointType].Source, s.value(EndpointType))}
}
