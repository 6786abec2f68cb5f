// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"fmt"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// waitAttributes are the attributes of waiting.
func waitAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"wait_for": schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "What makes the guest ready: creating or rebuilding the server is not over before all of it holds, within `timeouts`. " +
				"Changes of this alone do nothing.",
			Validators: []validator.Object{someSign{}},
			Attributes: map[string]schema.Attribute{
				"console_log": schema.StringAttribute{
					Optional: true, Validators: []validator.String{pattern{}},
					MarkdownDescription: "A regular expression that the last 1000 lines of the console log match: `Cloud-init .* finished` for example.",
				},
				"status": schema.StringAttribute{
					Optional: true, MarkdownDescription: "A status, `SHUTOFF` for a guest that shuts itself down when it is done.",
					Validators: []validator.String{stringvalidator.OneOf(nova.Active, nova.Shutoff, nova.Paused, nova.Suspended)},
				},
				"port": schema.SingleNestedAttribute{
					Optional:            true,
					MarkdownDescription: "A TCP port on which the guest listens, as seen from where Terraform runs.",
					Attributes: map[string]schema.Attribute{
						"port": schema.Int64Attribute{
							Required: true, MarkdownDescription: "The port.", Validators: []validator.Int64{int64validator.Between(1, 65535)},
						},
						"address": schema.StringAttribute{
							Optional: true, MarkdownDescription: "The address or host name. Default: `access_ip_v4` or `access_ip_v6`, a floating address, or a fixed one.",
							Validators: []validator.String{
								stringvalidator.LengthAtLeast(1), stringvalidator.ConflictsWith(path.MatchRelative().AtParent().AtName("network")),
							},
						},
						"network": schema.StringAttribute{
							Optional: true, MarkdownDescription: "The name of the network whose address is used.",
							Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
						},
					},
				},
			},
		},
	}
}

// signTypes are the types of wait_for.
func signTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"console_log": types.StringType, "status": types.StringType, "port": types.ObjectType{AttrTypes: map[string]attr.Type{
			"port": types.Int64Type, "address": types.StringType, "network": types.StringType,
		}},
	}
}

// someSign validates that wait_for waits for something.
type someSign struct{}

func (someSign) Description(context.Context) string { return "has to name something to wait for" }
func (someSign) MarkdownDescription(context.Context) string {
	return "has to name something to wait for"
}

func (someSign) ValidateObject(_ context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	for _, attribute := range req.ConfigValue.Attributes() {
		if !attribute.IsNull() {
			return
		}
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Nothing to Wait For", "wait_for needs console_log, status or port.")
}

// pattern validates regular expressions.
type pattern struct{}

func (pattern) Description(context.Context) string         { return "has to be a regular expression" }
func (pattern) MarkdownDescription(context.Context) string { return "has to be a regular expression" }

func (pattern) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := regexp.Compile(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid Regular Expression", fmt.Sprintf("%s: %s.", req.Path, err))
	}
}
