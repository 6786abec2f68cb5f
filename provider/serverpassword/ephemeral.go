// SPDX-License-Identifier: MPL-2.0

// Package serverpassword is the ephemeral resource nova_server_password.
package serverpassword

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/ephemeral/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// patience is how long to wait for the guest unless `timeouts` says otherwise: Windows takes its time to start.
const patience = 20 * time.Minute

// NewEphemeral returns the ephemeral resource nova_server_password.
func NewEphemeral() ephemeral.EphemeralResource { return &password{} }

var _ ephemeral.EphemeralResourceWithConfigure = (*password)(nil)

type password struct{ session.Ephemeral }

type model struct {
	ServerID   types.String   `tfsdk:"server_id"`
	PrivateKey types.String   `tfsdk:"private_key"`
	Passphrase types.String   `tfsdk:"passphrase"`
	Password   types.String   `tfsdk:"password"`
	Timeouts   timeouts.Value `tfsdk:"timeouts"`
}

func (e *password) Metadata(_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = "nova_server_password"
}

func (e *password) Schema(ctx context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The password that a guest has made for its administrator and posted, encrypted with the RSA key of the server's keypair, to " +
			"the metadata service, as cloudbase-init does. It is waited for, decrypted here, and in no plan and no state.",
		Attributes: map[string]schema.Attribute{
			"server_id": schema.StringAttribute{
				Required: true, MarkdownDescription: "The id of the server.",
				Validators: []validator.String{stringvalidator.RegexMatches(nova.UUIDRule, nova.UUIDHolds)},
			},
			"private_key": schema.StringAttribute{
				Required: true, Sensitive: true,
				MarkdownDescription: "The private key of the server's keypair, which has to be an RSA key: PEM, in OpenSSH's form, PKCS #1 or PKCS #8.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"passphrase": schema.StringAttribute{
				Optional: true, Sensitive: true, MarkdownDescription: "The passphrase of the private key, if it has one.",
			},
			"password": schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: "The password."},
			"timeouts": timeoutsAttribute(ctx),
		},
	}
}

func timeoutsAttribute(ctx context.Context) schema.Attribute {
	attribute := timeouts.AttributesWithOpts(ctx, timeouts.Opts{
		OpenDescription: "How long to wait until the guest has posted its password, `30m` for example. Default: 20 minutes.",
	})
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok { // the module leaves it undescribed
		nested.MarkdownDescription = "How long operations may take."
		return nested
	}
	return attribute
}

// Open waits for the password and decrypts it.
func (e *password) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	limit, diags := config.Timeouts.Open(ctx, patience)
	resp.Diagnostics.Append(diags...)
	if e.Cloud(&resp.Diagnostics) == nil || resp.Diagnostics.HasError() {
		return
	}
	key, err := rsaKey(config.PrivateKey.ValueString(), config.Passphrase.ValueString())
	if err != nil { // before anybody waits for what could not be read
		resp.Diagnostics.AddAttributeError(path.Root("private_key"), "Unusable Private Key", err.Error())
		return
	}
	waiting, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	id := config.ServerID.ValueString()
	sealed, err := e.posted(waiting, id)
	if err == nil {
		var plain string
		plain, err = unseal(key, sealed)
		config.Password = types.StringValue(plain)
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Read", "Password of Server", id, err))
		return
	}
	resp.Diagnostics.Append(resp.Result.Set(ctx, config)...)
}

// posted waits for what the guest posts. A server that failed posts nothing any more.
func (e *password) posted(ctx context.Context, id string) (string, error) {
	server, err := e.Servers().Get(ctx, id)
	if err != nil {
		return "", err
	}
	sealed, err := session.Poller(e.Session, wait.Each[string](e.Servers().EncryptedPassword)).Until(ctx, id,
		func(sealed string, err error) (bool, error) {
			switch {
			case diagnose.Status(err) >= 500:
				return false, nil // goes by; the time limit says when not
			case err == nil && sealed == "" && server.Status == nova.Error:
				return false, errors.New("the server is in ERROR, and its guest has posted no password")
			}
			return sealed != "", err
		})
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("the guest has posted no password, which takes an agent such as cloudbase-init in it and a keypair of RSA: %w", err)
	}
	return sealed, err
}
