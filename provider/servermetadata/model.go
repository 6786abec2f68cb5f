// SPDX-License-Identifier: MPL-2.0

package servermetadata

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

type model struct {
	ID       types.String   `tfsdk:"id"`
	ServerID types.String   `tfsdk:"server_id"`
	Metadata types.Map      `tfsdk:"metadata"`
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

// take fills in what the server has of the keys that m manages; all there are for an import, which starts without. It
// is false if that is nothing.
func (m *model) take(ctx context.Context, metadata map[string]string, diags *diag.Diagnostics) bool {
	managed := metadata
	if !m.Metadata.IsNull() {
		managed = map[string]string{}
		for key := range value.Map(ctx, m.Metadata, diags) {
			if text, ok := metadata[key]; ok {
				managed[key] = text
			}
		}
	}
	m.ID = m.ServerID
	m.Metadata = value.MapOf(managed)
	return len(managed) > 0
}

// identify writes the identity where the caller keeps one. The key that a single one was imported by stays in it.
func (m *model) identify(ctx context.Context, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	return identity.SetAttribute(ctx, path.Root("server_id"), m.ServerID)
}

// missing are the pairs of wanted that metadata has not, or with another value.
func missing(wanted, metadata map[string]string) map[string]string {
	lacking := map[string]string{}
	for key, text := range wanted {
		if has, ok := metadata[key]; !ok || has != text {
			lacking[key] = text
		}
	}
	return lacking
}

// taken is the error about keys of wanted that the server has already with other values; nil if there are none.
func taken(wanted, metadata map[string]string) error {
	var keys []string
	for key := range missing(wanted, metadata) {
		if _, ok := metadata[key]; ok {
			keys = append(keys, fmt.Sprintf("%q", key))
		}
	}
	if len(keys) == 0 {
		return nil
	}
	slices.Sort(keys)
	return fmt.Errorf("the server has these keys already, with other values: %s; import them, by SERVER_ID/KEY, to have them changed", strings.Join(keys, ", "))
}
