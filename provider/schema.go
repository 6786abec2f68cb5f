// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
)

func providerSchema() schema.Schema {
	attributes := map[string]schema.Attribute{
		client.Insecure: schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Do not verify the certificates of the cloud. Anyone on the way can then read the password. (`OS_INSECURE`)",
		},
		"endpoint_overrides": schema.MapAttribute{
			ElementType: types.StringType,
			Optional:    true,
			MarkdownDescription: "URLs to use in place of the catalogue's, by service type: `compute` (with its version, " +
				"`https://host/v2.1/`), `image`, `network` and `block-storage` (with version and project).",
			Validators: []validator.Map{
				mapvalidator.KeysAre(stringvalidator.OneOf("block-storage", "compute", "image", "network")),
				mapvalidator.ValueStringsAre(stringvalidator.RegexMatches(regexp.MustCompile(`^https?://.`), "has to be an http or https URL")),
			},
		},
		"max_retries": schema.Int64Attribute{
			Optional: true,
			MarkdownDescription: "How often a request is tried again that a busy cloud (429, 503), a failing one (500, 502, 504) or a " +
				"broken connection left without an answer, with growing pauses and no sooner than its `Retry-After`. Before a request " +
				"that creates something is repeated, the provider looks whether the lost answer was that of a success. Default: 5.",
			Validators: []validator.Int64{int64validator.Between(0, 100)},
		},
		"max_microversion": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "The newest microversion of Nova's API to use, `2.79` for example. Default: what the cloud offers. " +
				"Each request uses the oldest microversion that has what it asks for.",
			Validators: []validator.String{stringvalidator.RegexMatches(
				regexp.MustCompile(`^2\.[1-9][0-9]{0,3}$`), "has to be a microversion, 2.N with N from 1 up")},
		},
	}
	for name, attribute := range texts() {
		attributes[name] = attribute
	}
	return schema.Schema{
		MarkdownDescription: "Manages OpenStack Nova: servers and all that belongs to them, and what operators of a cloud care for.",
		Attributes:          attributes,
	}
}

// texts are the settings that are plain text, by their name in package client.
func texts() map[string]schema.StringAttribute {
	text := func(description string, validators ...validator.String) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: validators}
	}
	secret := func(description string, validators ...validator.String) schema.StringAttribute {
		attribute := text(description, validators...)
		attribute.Sensitive = true
		return attribute
	}
	not := func(names ...string) validator.String {
		var others []path.Expression
		for _, name := range names {
			others = append(others, path.MatchRoot(name))
		}
		return stringvalidator.ConflictsWith(others...)
	}
	return map[string]schema.StringAttribute{
		client.AuthURL: text("The URL of Keystone. (`OS_AUTH_URL`)",
			stringvalidator.RegexMatches(regexp.MustCompile(`^https?://.`), "has to be an http or https URL")),
		client.Cloud: text("The name of a cloud in `clouds.yaml`, which is looked for where the `openstack` command does, " +
			"with the `secure.yaml` beside it. Its credentials are used instead of those in the environment. (`OS_CLOUD`)"),
		client.Region:          text("The region. Default: the one of `clouds.yaml`, or the catalogue's first. (`OS_REGION_NAME`)"),
		client.UserName:        text("The user's name; it needs the user's domain. (`OS_USERNAME`)", not(client.UserID)),
		client.UserID:          text("The user's id. (`OS_USER_ID`)"),
		client.Password:        secret("The password. (`OS_PASSWORD`)", not(client.Token, client.ApplicationCredentialSecret)),
		client.Token:           secret("A token in place of a password. It is not renewed when it expires. (`OS_TOKEN`)"),
		client.ProjectName:     text("The project's name; it needs the project's domain. (`OS_PROJECT_NAME`, `OS_TENANT_NAME`)", not(client.ProjectID)),
		client.ProjectID:       text("The project's id. (`OS_PROJECT_ID`, `OS_TENANT_ID`)"),
		client.UserDomainName:  text("The name of the user's domain. (`OS_USER_DOMAIN_NAME`)", not(client.UserDomainID)),
		client.UserDomainID:    text("The id of the user's domain. (`OS_USER_DOMAIN_ID`)"),
		client.ProjectDomainID: text("The id of the project's domain. (`OS_PROJECT_DOMAIN_ID`)"),
		client.ProjectDomainName: text("The name of the project's domain. (`OS_PROJECT_DOMAIN_NAME`)",
			not(client.ProjectDomainID)),
		client.DomainName: text("The name of the domain of user and project, where those have none of their own; "+
			"without a project, the domain that the token is for. (`OS_DOMAIN_NAME`)", not(client.DomainID)),
		client.DomainID:      text("The id of that domain. (`OS_DOMAIN_ID`)"),
		client.DefaultDomain: text("The id of the domain of user and project where nothing else names one. (`OS_DEFAULT_DOMAIN`)"),
		client.SystemScope: text("`all` for a token for the whole system rather than a project. (`OS_SYSTEM_SCOPE`)",
			stringvalidator.OneOf("all"), not(client.ProjectID, client.ProjectName)),
		client.ApplicationCredentialID: text("The id of an application credential. (`OS_APPLICATION_CREDENTIAL_ID`)",
			not(client.ApplicationCredentialName)),
		client.ApplicationCredentialName: text("The name of an application credential; it needs its user. " +
			"(`OS_APPLICATION_CREDENTIAL_NAME`)"),
		client.ApplicationCredentialSecret: secret("The secret of the application credential. (`OS_APPLICATION_CREDENTIAL_SECRET`)"),
		client.EndpointType: text("Which endpoints of the catalogue to use: `public` (the default), `internal` or `admin`. "+
			"(`OS_INTERFACE`, `OS_ENDPOINT_TYPE`)",
			stringvalidator.OneOf("public", "internal", "admin", "publicURL", "internalURL", "adminURL")),
		client.CACert: text("The certificates of the authorities that the cloud's are signed by: PEM, or the path of a file. (`OS_CACERT`)"),
		client.Cert:   text("The client's certificate: PEM, or the path of a file. (`OS_CERT`)", stringvalidator.AlsoRequires(path.MatchRoot(client.Key))),
		client.Key:    secret("The key of the client's certificate: PEM, or the path of a file. (`OS_KEY`)", stringvalidator.AlsoRequires(path.MatchRoot(client.Cert))),
	}
}
