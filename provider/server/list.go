// SPDX-License-Identifier: MPL-2.0

package server

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/listing"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// NewListResource returns the list resource nova_server.
func NewListResource() list.ListResource { return &serverList{} }

var _ list.ListResourceWithConfigure = (*serverList)(nil)

// serverList is a server that is listed rather than managed: it reads and identifies as the resource does.
type serverList struct{ server }

type listModel struct {
	NameRegex   types.String `tfsdk:"name_regex"`
	Status      types.String `tfsdk:"status"`
	FlavorID    types.String `tfsdk:"flavor_id"`
	ImageID     types.String `tfsdk:"image_id"`
	Host        types.String `tfsdk:"host"`
	Tags        types.List   `tfsdk:"tags"`
	AllProjects types.Bool   `tfsdk:"all_projects"`
	ProjectID   types.String `tfsdk:"project_id"`
}

// errHostFilter is about a filter that Nova drops without a word where the user may not use it.
var errHostFilter = errors.New("host selects servers for administrators only, to whom Nova shows it")

func (l *serverList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{
			Optional: true, MarkdownDescription: description, Validators: []validator.String{stringvalidator.LengthBetween(1, 255)},
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists servers, the newest first.",
		Attributes: map[string]schema.Attribute{
			"name_regex": listing.NameRegex(),
			"status":     text("The status: `ACTIVE`, `SHUTOFF`, `ERROR` ..."),
			"flavor_id":  text("The id of the flavor."),
			"image_id":   text("The id of the image."),
			"host":       text("The compute host. For administrators."),
			"tags": schema.ListAttribute{
				ElementType: types.StringType, Optional: true,
				MarkdownDescription: "Tags that the server has to have, all of them. Needs microversion 2.26.",
				Validators: []validator.List{
					listvalidator.SizeAtLeast(1),
					listvalidator.ValueStringsAre(stringvalidator.RegexMatches(tagRule, "may hold neither a comma nor a slash")),
				},
			},
			"all_projects": schema.BoolAttribute{Optional: true, MarkdownDescription: "List the servers of all projects. For administrators."},
			"project_id":   text("The id of the project, with `all_projects`."),
		},
	}
}

func (l *serverList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config listModel
	diags := req.Config.Get(ctx, &config)
	tags := value.Strings(ctx, config.Tags, &diags)
	if c := l.Cloud(&diags); c != nil && len(tags) > 0 {
		if err := c.Check(ctx, withTagFilter); err != nil {
			diags.Append(diagnose.TooOld(path.Root("tags"), err))
		}
	}
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	matches := listing.Matcher(config.NameRegex)
	all := listing.Filter(l.Servers().All(ctx, config.query(tags)), func(s *nova.Server) bool { return matches(s.Name) })
	stream.Results = listing.Results(ctx, req, "Servers", all, func(ctx context.Context, s *nova.Server, result *list.ListResult) {
		result.DisplayName = cmp.Or(s.Name, s.ID)
		result.Diagnostics.Append(identify(ctx, result.Identity, s.ID)...)
		if !config.Host.IsNull() && s.Host == "" {
			result.Diagnostics.Append(diagnose.Failure("List", "Servers", "", errHostFilter))
			return
		}
		if req.IncludeResource {
			l.show(ctx, s, result)
		}
	})
}

const withTagFilter = 26

// query is what Nova filters by. Its regular expressions are those of the database behind it: one that means the
// same to all goes along and saves pages.
func (m *listModel) query(tags []string) url.Values {
	query := url.Values{}
	for name, text := range map[string]types.String{
		"status": m.Status, "flavor": m.FlavorID, "image": m.ImageID, "host": m.Host, "project_id": m.ProjectID,
	} {
		if !text.IsNull() {
			query.Set(name, text.ValueString())
		}
	}
	if pattern := m.NameRegex.ValueString(); pattern != "" && !strings.ContainsAny(pattern, `\`) && !strings.Contains(pattern, "(?") {
		query.Set("name", pattern)
	}
	if len(tags) > 0 {
		slices.Sort(tags)
		query.Set("tags", strings.Join(tags, ","))
	}
	if m.AllProjects.ValueBool() {
		query.Set("all_tenants", "true")
	}
	return query
}

// show fills in the resource. A server that cannot be read, as it has just been deleted for example, is a warning: the
// others are listed all the same.
func (l *serverList) show(ctx context.Context, s *nova.Server, result *list.ListResult) {
	var blank model
	listing.Blank(ctx, result, path.Root("id"), types.StringValue(s.ID), &blank)
	if result.Diagnostics.HasError() {
		return
	}
	var diags diag.Diagnostics
	listing.AsState(result, func(state *tfsdk.State) { l.set(ctx, state, blank, s, &diags) })
	for _, d := range diags {
		result.Diagnostics.AddWarning(d.Summary(), d.Detail())
	}
}
