// SPDX-License-Identifier: MPL-2.0

package server

import (
	"github.com/hashicorp/terraform-plugin-framework-nettypes/iptypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// networkAttributes are the attributes of networking.
func networkAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"network_mode": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "In place of `networks`: `auto` for the project's network, which Nova makes if there is none, or `none`. " +
				"Default without `networks`: `auto`. Needs microversion 2.37. `none` replaces a server that has interfaces, and `auto` one that " +
				"was to have none.",
			Validators: []validator.String{stringvalidator.OneOf(auto, none), stringvalidator.ConflictsWith(path.MatchRoot("networks"))},
		},
		"networks": schema.ListNestedAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "The interfaces, which a new server gets in this order. An interface that is added is attached to the " +
				"server as it runs, one that is removed is detached, one that is changed is detached and attached anew; " +
				"the order alone is no change. Interfaces that others attach, `nova_interface_attachment` for example, are " +
				"left alone; one that others detach is attached again. Without this attribute nothing is attached or detached, " +
				"and the state has the interfaces that the server was made with. After an import the configuration may leave out " +
				"interfaces that the server has: they are then left alone. `[]` is no interface at all and needs microversion 2.37.",
			NestedObject: schema.NestedAttributeObject{Attributes: interfaceAttributes()},
		},
	}
}

func interfaceAttributes() map[string]schema.Attribute {
	peer := func(name string) path.Expression { return path.MatchRelative().AtParent().AtName(name) }
	shown := func(description string) schema.Attribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"uuid": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "The id of a network in which Nova makes a port, which is deleted with the interface. Either this or `port`.",
			Validators: []validator.String{
				stringvalidator.RegexMatches(uuidRule, "has to be a UUID"), stringvalidator.ExactlyOneOf(peer("port")),
			},
		},
		"port": schema.StringAttribute{
			Optional: true, MarkdownDescription: "The id of a port to use, which is kept when it is detached.",
			Validators: []validator.String{
				stringvalidator.RegexMatches(uuidRule, "has to be a UUID"), stringvalidator.ConflictsWith(peer("fixed_ip")),
			},
		},
		"fixed_ip": schema.StringAttribute{
			CustomType: iptypes.IPAddressType{}, Optional: true, MarkdownDescription: "The address in the network of `uuid`. Default: a free one.",
		},
		"tag": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "A tag by which the guest finds the interface in its metadata. Needs microversion 2.42; an interface that is " +
				"attached later on, 2.49.",
			Validators: []validator.String{
				stringvalidator.LengthBetween(1, 60), stringvalidator.RegexMatches(tagRule, "may hold neither a comma nor a slash"),
			},
		},
		"port_id":    shown("The id of the interface's port."),
		"network_id": shown("The id of the network that it is in."),
		"mac":        shown("The MAC address."),
		"addresses": schema.ListAttribute{
			ElementType: types.StringType, Computed: true, MarkdownDescription: "The addresses of the port, sorted.",
		},
	}
}
