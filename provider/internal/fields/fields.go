// SPDX-License-Identifier: MPL-2.0

// Package fields declares computed attributes once for resources, data sources and ephemeral resources, whose schemas have
// different types, and reads their values from what a service answers.
package fields

import (
	"maps"

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
	From        string // where the service's JSON has it, if not under its own name; dots lead into objects
	Fixed       bool   // stays as it is as long as the server lives
	Sensitive   bool
}

// Table is a set of fields, by their names.
type Table map[string]Field

// Kind is what a field holds.
type Kind int

// The kinds of fields.
const (
	Text Kind = iota
	Number
	Flag
	Texts  // a map of texts
	Object // with Fields
	Rows   // a list of such objects
	Decimal
	Time // RFC 3339 in UTC, as text
	List // of texts
	Set  // of texts
)

// Type is the field's type, for values of it.
func (f Field) Type() attr.Type {
	switch f.Of {
	case Number:
		return types.Int64Type
	case Decimal:
		return types.Float64Type
	case Flag:
		return types.BoolType
	case Texts:
		return types.MapType{ElemType: types.StringType}
	case List:
		return types.ListType{ElemType: types.StringType}
	case Set:
		return types.SetType{ElemType: types.StringType}
	case Object:
		return types.ObjectType{AttrTypes: f.Fields.Types()}
	case Rows:
		return types.ListType{ElemType: types.ObjectType{AttrTypes: f.Fields.Types()}}
	}
	return types.StringType
}

// Types are the table's types, for values of it.
func (t Table) Types() map[string]attr.Type {
	all := map[string]attr.Type{}
	for name, f := range t {
		all[name] = f.Type()
	}
	return all
}

// With is a table of these fields and more.
func (t Table) With(more Table) Table {
	all := maps.Clone(t)
	maps.Copy(all, more)
	return all
}

// Resource is the table as attributes of a resource.
func (t Table) Resource() map[string]schema.Attribute {
	all := map[string]schema.Attribute{}
	for name, f := range t {
		all[name] = f.resource()
	}
	return all
}

func (f Field) resource() schema.Attribute {
	switch f.Of {
	case Number:
		return schema.Int64Attribute{Computed: true, MarkdownDescription: f.Description, Sensitive: f.Sensitive}
	case Decimal:
		return schema.Float64Attribute{Computed: true, MarkdownDescription: f.Description, Sensitive: f.Sensitive}
	case Flag:
		return schema.BoolAttribute{Computed: true, MarkdownDescription: f.Description, Sensitive: f.Sensitive}
	case Texts:
		return schema.MapAttribute{
			Computed: true, MarkdownDescription: f.Description, Sensitive: f.Sensitive, ElementType: types.StringType,
		}
	case List:
		return schema.ListAttribute{
			Computed: true, MarkdownDescription: f.Description, Sensitive: f.Sensitive, ElementType: types.StringType,
		}
	case Set:
		return schema.SetAttribute{
			Computed: true, MarkdownDescription: f.Description, Sensitive: f.Sensitive, ElementType: types.StringType,
		}
	case Object:
		return schema.SingleNestedAttribute{
			Computed: true, MarkdownDescription: f.Description, Sensitive: f.Sensitive, Attributes: f.Fields.Resource(),
		}
	case Rows:
		return schema.ListNestedAttribute{
			Computed: true, MarkdownDescription: f.Description, Sensitive: f.Sensitive,
			NestedObject: schema.NestedAttributeObject{Attributes: f.Fields.Resource()},
		}
	}
	text := schema.StringAttribute{Computed: true, MarkdownDescription: f.Description, Sensitive: f.Sensitive}
	if f.Fixed {
		text.PlanModifiers = []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	}
	return text
}

// Data is the table as attributes of a data source.
func (t Table) Data() map[string]data.Attribute {
	all := map[string]data.Attribute{}
	for name, f := range t {
		all[name] = f.data()
	}
	return all
}

func (f Field) data() data.Attribute {
	switch f.Of {
	case Number:
		return data.Int64Attribute{Computed: true, MarkdownDescription: f.Description, Sensitive: f.Sensitive}
	case Decimal:
		return data.Float64Attribute{Computed: true, MarkdownDescription: f.Description, Sensitive: f.Sensitive}
	case Flag:
		return data.BoolAttribute{Computed: true, MarkdownDescription: f.Description, Sensitive: f.Sensitive}
	case Texts:
		return data.MapAttribute{
			Computed: true, MarkdownDescription: f.Description, Sensitive: f.Sensitive, ElementType: types.StringType,
		}
	case List:
		return data.ListAttribute{
			Computed: true, MarkdownDescription: f.Description, Sensitive: f.Sensitive, ElementType: types.StringType,
		}
	case Set:
		return data.SetAttribute{
			Computed: true, MarkdownDescription: f.Description, Sensitive: f.Sensitive, ElementType: types.StringType,
		}
	case Object:
		return data.SingleNestedAttribute{
			Computed: true, MarkdownDescription: f.Description, Sensitive: f.Sensitive, Attributes: f.Fields.Data(),
		}
	case Rows:
		return data.ListNestedAttribute{
			Computed: true, MarkdownDescription: f.Description, Sensitive: f.Sensitive,
			NestedObject: data.NestedAttributeObject{Attributes: f.Fields.Data()},
		}
	}
	return data.StringAttribute{Computed: true, MarkdownDescription: f.Description, Sensitive: f.Sensitive}
}
