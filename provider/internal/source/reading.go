// SPDX-License-Identifier: MPL-2.0

package source

import (
	"cmp"
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
)

// Reading is a data source about one thing that is known beforehand: the limits of a project, the console of a server.
type Reading struct {
	Type  string // without its prefix: "quota_set"
	Label string // "Quota Set"
	About string
	Of    string // what a 404 is about, if not the label: "Server"
	Admin bool   // of what Nova shows to administrators only

	Filters map[string]Filter
	Shown   fields.Table
	Read    func(ctx context.Context, c *client.Client, q Query) (fields.Row, error)
}

// Read is the data source.
func Read(r Reading) datasource.DataSource { return &reading{about: r} }

var _ datasource.DataSourceWithConfigure = (*reading)(nil)

type reading struct {
	session.DataSource
	about Reading
}

func (d *reading) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "nova_" + d.about.Type
}

func (d *reading) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{MarkdownDescription: d.about.About, Attributes: attributes(d.about.Filters, d.about.Shown)}
}

func (d *reading) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	c := d.Cloud(&resp.Diagnostics)
	if c == nil {
		return
	}
	q := asked(ctx, c, req.Config, d.about.Filters, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	row, err := d.about.Read(ctx, c, q)
	if diagnose.NotFound(err) {
		resp.Diagnostics.Append(diagnose.Missing(cmp.Or(d.about.Of, d.about.Label), q.String()))
		return
	}
	if err != nil {
		if d.about.Admin {
			err = ForAdmins(err, strings.ToLower(d.about.Label))
		}
		resp.Diagnostics.Append(diagnose.Failure("Read", d.about.Label, "", err))
		return
	}
	resp.Diagnostics.Append(set(ctx, &resp.State, q, row)...)
}
