// SPDX-License-Identifier: MPL-2.0

package keypair

import (
	"context"
	"iter"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/keypairs"
	"github.com/gophercloud/gophercloud/v2/pagination"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/listing"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
)

// NewListResource returns the list resource nova_keypair.
func NewListResource() list.ListResource { return &keypairList{} }

var _ list.ListResourceWithConfigure = (*keypairList)(nil)

type keypairList struct{ session.Resource }

type listModel struct {
	NameRegex types.String `tfsdk:"name_regex"`
	UserID    types.String `tfsdk:"user_id"`
}

func (l *keypairList) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "nova_keypair"
}

func (l *keypairList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists keypairs of one user.",
		Attributes: map[string]schema.Attribute{
			"name_regex": listing.NameRegex(),
			"user_id": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The id of the user; only administrators may name another than themselves. Needs microversion 2.10.",
				Validators:          []validator.String{stringvalidator.LengthBetween(1, 255)},
			},
		},
	}
}

func (l *keypairList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config listModel
	diags := req.Config.Get(ctx, &config)
	c := l.Cloud(&diags)
	if c != nil && !config.UserID.IsNull() {
		if err := c.Check(ctx, withUserID); err != nil {
			diags.Append(diagnose.TooOld(path.Root("user_id"), err))
		}
	}
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	matches := listing.Matcher(config.NameRegex)
	all := listing.Filter(every(ctx, c, config.UserID.ValueString()), func(k keypairs.KeyPair) bool { return matches(k.Name) })
	stream.Results = listing.Results(ctx, req, "Keypairs", all, func(ctx context.Context, k keypairs.KeyPair, result *list.ListResult) {
		result.DisplayName = k.Name
		var m model
		listing.Blank(ctx, result, path.Root("name"), types.StringValue(k.Name), &m)
		m.take(&k)
		result.Diagnostics.Append(m.identify(ctx, result.Identity)...)
		result.Diagnostics.Append(result.Resource.Set(ctx, m)...)
	})
}

// every is each keypair of a user, the provider's own for "", in the form in which Nova shows a single one: the list
// leaves out whose they are, so the first is read for that.
func every(ctx context.Context, c *client.Client, user string) iter.Seq2[keypairs.KeyPair, error] {
	return func(yield func(keypairs.KeyPair, error) bool) {
		service, _, err := c.Best(ctx, withUserID) // from 2.35 on Nova lists by pages, which gophercloud does not turn
		if err != nil {
			yield(keypairs.KeyPair{}, err)
			return
		}
		var owner string
		pager := keypairs.List(service, keypairs.ListOpts{UserID: user})
		extract := func(page pagination.Page) ([]keypairs.KeyPair, error) { return keypairs.ExtractKeyPairs(page) }
		for k, err := range listing.Paged(ctx, pager, extract) {
			if err == nil && owner == "" {
				var first *keypairs.KeyPair
				if first, err = read(ctx, c, k.Name, user); err == nil {
					owner = first.UserID
				}
			}
			k.UserID = owner
			if !yield(k, err) || err != nil {
				return
			}
		}
	}
}
