// SPDX-License-Identifier: MPL-2.0

package client

import (
	"slices"
	"strings"
)

// The settings of the provider, by the name of their attribute.
const (
	AuthURL                     = "auth_url"
	Cloud                       = "cloud"
	Region                      = "region"
	UserName                    = "user_name"
	UserID                      = "user_id"
	Password                    = "password"
	Token                       = "token"
	ProjectName                 = "project_name"
	ProjectID                   = "project_id"
	UserDomainName              = "user_domain_name"
	UserDomainID                = "user_domain_id"
	ProjectDomainName           = "project_domain_name"
	ProjectDomainID             = "project_domain_id"
	DomainName                  = "domain_name"
	DomainID                    = "domain_id"
	DefaultDomain               = "default_domain"
	SystemScope                 = "system_scope"
	ApplicationCredentialID     = "application_credential_id"
	ApplicationCredentialName   = "application_credential_name"
	ApplicationCredentialSecret = "application_credential_secret"
	EndpointType                = "endpoint_type"
	CACert                      = "cacert"
	Cert                        = "cert"
	Key                         = "key"
	Insecure                    = "insecure"
)

// variables are the environment variables of each setting; the first that is set counts.
var variables = map[string][]string{
	AuthURL:                     {"OS_AUTH_URL"},
	Cloud:                       {"OS_CLOUD"},
	Region:                      {"OS_REGION_NAME"},
	UserName:                    {"OS_USERNAME"},
	UserID:                      {"OS_USER_ID"},
	Password:                    {"OS_PASSWORD"},
	Token:                       {"OS_TOKEN", "OS_AUTH_TOKEN"},
	ProjectName:                 {"OS_PROJECT_NAME", "OS_TENANT_NAME"},
	ProjectID:                   {"OS_PROJECT_ID", "OS_TENANT_ID"},
	UserDomainName:              {"OS_USER_DOMAIN_NAME"},
	UserDomainID:                {"OS_USER_DOMAIN_ID"},
	ProjectDomainName:           {"OS_PROJECT_DOMAIN_NAME"},
	ProjectDomainID:             {"OS_PROJECT_DOMAIN_ID"},
	DomainName:                  {"OS_DOMAIN_NAME"},
	DomainID:                    {"OS_DOMAIN_ID"},
	DefaultDomain:               {"OS_DEFAULT_DOMAIN"},
	SystemScope:                 {"OS_SYSTEM_SCOPE"},
	ApplicationCredentialID:     {"OS_APPLICATION_CREDENTIAL_ID"},
	ApplicationCredentialName:   {"OS_APPLICATION_CREDENTIAL_NAME"},
	ApplicationCredentialSecret: {"OS_APPLICATION_CREDENTIAL_SECRET"},
	EndpointType:                {"OS_INTERFACE", "OS_ENDPOINT_TYPE"},
	CACert:                      {"OS_CACERT"},
	Cert:                        {"OS_CERT"},
	Key:                         {"OS_KEY"},
	Insecure:                    {"OS_INSECURE"},
}

// connection are the settings that say how to reach a cloud rather than who asks: the environment may
// change them even where the credentials come from clouds.yaml.
var connection = []string{Region, EndpointType, CACert, Cert, Key, Insecure}

// rivals are the settings of which a stronger source's one silences the others from weaker sources:
// a project_id in the provider block is not to meet a project_name from the environment.
var rivals = [][]string{
	{UserName, UserID},
	{ProjectName, ProjectID},
	{UserDomainName, UserDomainID},
	{ProjectDomainName, ProjectDomainID},
	{DomainName, DomainID},
	{ApplicationCredentialID, ApplicationCredentialName},
	{Password, Token, ApplicationCredentialSecret},
	{SystemScope, ProjectName, ProjectID},
	{Cert, Key},
}

// Setting is a setting's value and where it comes from.
type Setting struct {
	Value  string
	Source string
}

// Settings are settings by name; an absent one is not set.
type Settings map[string]Setting

// Has is whether the setting is set.
func (s Settings) Has(name string) bool { return s[name].Value != "" }

func (s Settings) value(name string) string { return s[name].Value }

// under returns s with what weaker adds to it.
func (s Settings) under(weaker Settings) Settings {
	merged := Settings{}
	for name, setting := range s {
		merged[name] = setting
	}
	for name, setting := range weaker {
		if !s.Has(name) && !s.silences(name) {
			merged[name] = setting
		}
	}
	return merged
}

func (s Settings) silences(name string) bool {
	for _, group := range rivals {
		if slices.Contains(group, name) && slices.ContainsFunc(group, s.Has) {
			return true
		}
	}
	return false
}

// sources says for people which settings come from where: "password and user_name from the environment".
func (s Settings) sources() string {
	by := map[string][]string{}
	for name, setting := range s {
		by[setting.Source] = append(by[setting.Source], name)
	}
	var parts []string
	for source, names := range by {
		slices.Sort(names)
		parts = append(parts, strings.Join(names, ", ")+" from "+source)
	}
	slices.Sort(parts)
	return strings.Join(parts, "; ")
}

func fromEnvironment(lookup func(string) string, names func(string) bool) Settings {
	found := Settings{}
	for name, vars := range variables {
		for _, variable := range vars {
			if value := lookup(variable); value != "" && names(name) && !found.Has(name) {
				found[name] = Setting{value, "the environment"}
			}
		}
	}
	return found
}

// resolve completes the settings of the provider block from clouds.yaml and the environment.
//
// The provider block comes first. Where a cloud of clouds.yaml is chosen, all credentials come from
// there and the environment says no more than how to reach it; else the environment gives everything.
// OS_CLOUD is not obeyed where the provider block names an auth_url: the password of one cloud is not
// to be sent to another.
func resolve(block Settings, lookup func(string) string) (Settings, error) {
	cloud := block[Cloud]
	if cloud.Value == "" && !block.Has(AuthURL) {
		if value := lookup(variables[Cloud][0]); value != "" {
			cloud = Setting{value, "the environment"}
		}
	}
	everything := func(name string) bool { return name != Cloud }
	if cloud.Value == "" {
		return block.under(fromEnvironment(lookup, everything)), nil
	}
	reach := fromEnvironment(lookup, func(name string) bool { return slices.Contains(connection, name) })
	near := block.under(reach)
	file, err := fromClouds(cloud, near.value(Region), lookup)
	if err != nil {
		return nil, err
	}
	near[Cloud] = cloud
	return near.under(file), nil
}
