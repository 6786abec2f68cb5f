// SPDX-License-Identifier: MPL-2.0

// Package fields declares computed attributes once for resources, data sources and ephemeral resources, whose schemas have
// different types.
package fields

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	data "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Field is a computed attribute, declared once for the resource and the data source, whose schemas have
// different types. Objects and rows have fields of their own.
type Field struct {
	Of          Kind
	Description string
	Fields      Table
	Fixed       bool // stays as it is as long as the server lives
}

// Table is a set of fields, by their names.
type Table map[string]Field

// Kind is what a field holds.
type Kind int

const (
	Text Kind = iota
	Number
	Flag
	Texts  // a map of texts
	Object // with Fields
	Rows   // a list of such objects
)

// Types are the table's types, for values of it.
func (t Table) Types() map[string]attr.Type {
	plain := map[Kind]attr.Type{
		Text: types.StringType, Number: types.Int64Type, Flag: types.BoolType, Texts: types.MapType{ElemType: types.StringType},
	}
	all := map[string]attr.Type{}
	for name, f := range t {
		all[name] = plain[f.Of]
	}
	return all
}

// Resource is the table as attributes of a resource.
func (t Table) Resource() map[string]schema.Attribute {
	all := map[string]schema.Attribute{}
	for name, f := range t {
		switch f.Of {
		case Text:
			attribute := schema.StringAttribute{Computed: true, MarkdownDescription: f.Description}
			if f.Fixed {
				attribute.PlanModifiers = []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
			}
			all[name] = attribute
		case Number:
			all[name] = schema.Int64Attribute{Computed: true, MarkdownDescription: f.Description}
		case Flag:
			all[name] = schema.BoolAttribute{Computed: true, MarkdownDescription: f.Description}
		case Texts:
			all[name] = schema.MapAttribute{Computed: true, MarkdownDescription: f.Description, ElementType: types.StringType}
		case Object:
			all[name] = schema.SingleNestedAttribute{Computed: true, MarkdownDescription: f.Description, Attributes: f.Fields.Resource()}
		case Rows:
			all[name] = schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: f.Description, NestedObject: schema.NestedAttributeObject{Attributes: f.Fields.Resource()},
			}
		}
	}
	return all
}

// Data is the table as attributes of a data source.
func (t Table) Data() map[string]data.Attribute {
	all := map[string]data.Attribute{}
	for name, f := range t {
		switch f.Of {
		case Text:
			all[name] = data.StringAttribute{Computed: true, MarkdownDescription: f.Description}
		case Number:
			all[name] = data.Int64Attribute{Computed: true, MarkdownDescription: f.Description}
		case Flag:
			all[name] = data.BoolAttribute{Computed: true, MarkdownDescription: f.Description}
		case Texts:
			all[name] = data.MapAttribute{Computed: true, MarkdownDescription: f.Description, ElementType: types.StringType}
		case Object:
			all[name] = data.SingleNestedAttribute{Computed: true, MarkdownDescription: f.Description, Attributes: f.Fields.Data()}
		case Rows:
			all[name] = data.ListNestedAttribute{
				Computed: true, MarkdownDescription: f.Description, NestedObject: data.NestedAttributeObject{Attributes: f.Fields.Data()},
			}
		}
	}
	return all
}
