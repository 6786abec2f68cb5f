// SPDX-License-Identifier: MPL-2.0

package server

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	data "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// field is a computed attribute, declared once for the resource and the data source, whose schemas have
// different types. Objects and rows have fields of their own.
type field struct {
	of          kind
	description string
	fields      fieldTable
	fixed       bool // stays as it is as long as the server lives
}

type fieldTable map[string]field

type kind int

const (
	text kind = iota
	number
	flag
	texts
	object
	rows
)

var addressFields = fieldTable{
	"network": {of: text, description: "The name of the network."},
	"address": {of: text, description: "The address."},
	"version": {of: number, description: "4 or 6."},
	"type":    {of: text, description: "`fixed` or `floating`."},
	"mac":     {of: text, description: "The MAC address of the interface."},
}

var flavorFields = fieldTable{
	"name":        {of: text, description: "The name that the flavor had."},
	"vcpus":       {of: number, description: "The number of virtual processors."},
	"ram":         {of: number, description: "The memory in MiB."},
	"disk":        {of: number, description: "The root disk in GiB."},
	"ephemeral":   {of: number, description: "The second disk in GiB."},
	"swap":        {of: number, description: "The swap disk in MiB."},
	"extra_specs": {of: texts, description: "The extra specs, as far as the user may see them."},
}

var faultFields = fieldTable{
	"code":    {of: number, description: "The kind of failure, as an HTTP status."},
	"message": {of: text, description: "What went wrong."},
	"created": {of: text, description: "When, in RFC 3339."},
}

var shownFields = fieldTable{
	"status":              {of: text, description: "The status: `ACTIVE`, `SHUTOFF`, `ERROR` ..."},
	"vm_state":            {of: text, description: "What the server's state is underneath its status: `active`, `stopped` ..."},
	"addresses":           {of: rows, fields: addressFields, description: "All addresses, sorted by network."},
	"all_metadata":        {of: texts, description: "All metadata, including what others set."},
	"flavor":              {of: object, fields: flavorFields, description: "What the server's flavor held when the server got it. Needs microversion 2.47."},
	"fault":               {of: object, fields: faultFields, description: "Why the server is in `ERROR`."},
	"locked":              {of: flag, description: "Whether the server is locked against changes. Needs microversion 2.9."},
	"project_id":          {of: text, fixed: true, description: "The id of the project that owns the server."},
	"user_id":             {of: text, fixed: true, description: "The id of the user who created it."},
	"host_id":             {of: text, description: "A hash of host and project, which tells whether two servers share a host."},
	"host":                {of: text, description: "The compute host. Shown to administrators."},
	"hypervisor_hostname": {of: text, description: "The hypervisor's name for the host. Shown to administrators."},
	"instance_name":       {of: text, fixed: true, description: "The hypervisor's name for the server. Shown to administrators."},
	"created":             {of: text, fixed: true, description: "When the server was created, in RFC 3339."},
	"updated":             {of: text, description: "When the server was last changed, in RFC 3339."},
	"launched_at":         {of: text, description: "When the guest was first started, in RFC 3339."},
}

// types are the table's types, for values of it.
func (t fieldTable) types() map[string]attr.Type {
	plain := map[kind]attr.Type{
		text: types.StringType, number: types.Int64Type, flag: types.BoolType, texts: types.MapType{ElemType: types.StringType},
	}
	all := map[string]attr.Type{}
	for name, f := range t {
		all[name] = plain[f.of]
	}
	return all
}

// resource is the table as attributes of a resource.
func (t fieldTable) resource() map[string]schema.Attribute {
	all := map[string]schema.Attribute{}
	for name, f := range t {
		switch f.of {
		case text:
			attribute := schema.StringAttribute{Computed: true, MarkdownDescription: f.description}
			if f.fixed {
				attribute.PlanModifiers = []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
			}
			all[name] = attribute
		case number:
			all[name] = schema.Int64Attribute{Computed: true, MarkdownDescription: f.description}
		case flag:
			all[name] = schema.BoolAttribute{Computed: true, MarkdownDescription: f.description}
		case texts:
			all[name] = schema.MapAttribute{Computed: true, MarkdownDescription: f.description, ElementType: types.StringType}
		case object:
			all[name] = schema.SingleNestedAttribute{Computed: true, MarkdownDescription: f.description, Attributes: f.fields.resource()}
		case rows:
			all[name] = schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: f.description, NestedObject: schema.NestedAttributeObject{Attributes: f.fields.resource()},
			}
		}
	}
	return all
}

// data is the table as attributes of a data source.
func (t fieldTable) data() map[string]data.Attribute {
	all := map[string]data.Attribute{}
	for name, f := range t {
		switch f.of {
		case text:
			all[name] = data.StringAttribute{Computed: true, MarkdownDescription: f.description}
		case number:
			all[name] = data.Int64Attribute{Computed: true, MarkdownDescription: f.description}
		case flag:
			all[name] = data.BoolAttribute{Computed: true, MarkdownDescription: f.description}
		case texts:
			all[name] = data.MapAttribute{Computed: true, MarkdownDescription: f.description, ElementType: types.StringType}
		case object:
			all[name] = data.SingleNestedAttribute{Computed: true, MarkdownDescription: f.description, Attributes: f.fields.data()}
		case rows:
			all[name] = data.ListNestedAttribute{
				Computed: true, MarkdownDescription: f.description, NestedObject: data.NestedAttributeObject{Attributes: f.fields.data()},
			}
		}
	}
	return all
}
