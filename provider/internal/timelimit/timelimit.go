// SPDX-License-Identifier: MPL-2.0

// Package timelimit is the attribute `timeouts` of resources.
package timelimit

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

// Attribute is the attribute `timeouts` of a resource, described itself as are the operations in it.
func Attribute(ctx context.Context, opts timeouts.Opts) schema.Attribute {
	attribute := timeouts.Attributes(ctx, opts)
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok { // the module leaves it undescribed
		nested.MarkdownDescription = "How long operations may take."
		return nested
	}
	return attribute
}
