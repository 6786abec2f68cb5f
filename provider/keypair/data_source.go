// SPDX-License-Identifier: MPL-2.0

package keypair

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
)

// NewDataSource returns the data source nova_keypair.
func NewDataSource() datasource.DataSource { return &keypairData{} }

var _ datasource.DataSourceWithConfigure = (*keypairData)(nil)

type keypairData struct{ session.DataSource }

type dataModel struct {
	Name        types.String `tfsdk:"name"`
	UserID      types.String `tfsdk:"user_id"`
	Type        types.String `tfsdk:"type"`
	PublicKey   types.String `tfsdk:"public_key"`
	Fingerprint types.String `tfsdk:"fingerprint"`
}

func (d *keypairData) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "nova_keypair"
}

func (d *keypairData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A keypair that exists already.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{Required: true, MarkdownDescription: "The name."},
			"user_id": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "The id of the user who owns it. Only administrators may name another than themselves. Needs microversion 2.10.",
			},
			"type":        schema.StringAttribute{Computed: true, MarkdownDescription: "`ssh` or `x509`."},
			"public_key":  schema.StringAttribute{Computed: true, MarkdownDescription: "The public key, or the certificate."},
			"fingerprint": schema.StringAttribute{Computed: true, MarkdownDescription: "The key's MD5 fingerprint; the SHA-1 of a certificate."},
		},
	}
}

func (d *keypairData) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config dataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	c := d.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	name := config.Name.ValueString()
	found, err := read(ctx, c, name, config.UserID.ValueString())
	if diagnose.NotFound(err) {
		resp.Diagnostics.Append(diagnose.Missing("Keypair", fmt.Sprintf("the name %q", name)))
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Read", "Keypair", name, err))
		return
	}
	m := model{Name: config.Name, UserID: config.UserID}
	m.take(found)
	resp.Diagnostics.Append(resp.State.Set(ctx, dataModel{
		Name: m.Name, UserID: m.UserID, Type: m.Type, PublicKey: m.PublicKey, Fingerprint: m.Fingerprint,
	})...)
}
