// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"crypto/sha1" //nolint:gosec // it is the other provider's
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/moved"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// movedKey is where the private state has the hash of the user data of a server that was moved: the other provider keeps
// no more of it.
const movedKey = "moved_user_data"

// MoveState takes over openstack_compute_instance_v2. What that keeps of a server's creation and Nova does not show comes
// along; what neither has is believed of the configuration, as after an import.
func (r *server) MoveState(context.Context) []resource.StateMover {
	return moved.From("openstack_compute_instance_v2", func(ctx context.Context, from moved.Attributes, resp *resource.MoveStateResponse) {
		set := func(name string, v any) {
			resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root(name), v)...)
		}
		for name, source := range map[string]string{
			"id": "id", "name": "name", "network_mode": "network_mode", "availability_zone": "availability_zone",
		} {
			set(name, from.Text(source))
		}
		set("metadata", value.MapOf(from.Map("metadata")))
		if tags := from.Texts("tags"); len(tags) > 0 {
			set("tags", value.SetOf(tags))
		}
		for _, name := range []string{"stop_before_destroy", "force_delete"} {
			if from.Flag(name).ValueBool() {
				set(name, types.BoolValue(true))
			}
		}
		moveHints(from, set)
		// moveConnections(from, set)
		resp.Diagnostics.Append(resp.TargetPrivate.SetKey(ctx, importedKey, []byte("true"))...)
		if hash := from.Text("user_data").ValueString(); hash != "" {
			text, _ := json.Marshal(hash) //nolint:errchkjson // a text
			resp.Diagnostics.Append(resp.TargetPrivate.SetKey(ctx, movedKey, text)...)
		}
	})
}

// moveHints takes the one block of scheduler hints, and the server group out of it.
func moveHints(from moved.Attributes, set func(name string, v any)) {
	for _, block := range from.Blocks("scheduler_hints") {
		set("server_group_id", block.Text("group"))
	}
}

// movedHash is the hash of the user data of a server that was moved, in hex, or "".
func movedHash(ctx context.Context, from interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
},
) string {
	var hash string
	if text, _ := from.GetKey(ctx, movedKey); len(text) > 0 {
		_ = json.Unmarshal(text, &hash)
	}
	return hash
}

// hashes is whether the hash is that of one of the texts.
func hashes(hash string, texts ...string) bool {
	return slices.ContainsFunc(texts, func(text string) bool {
		sum := sha1.Sum([]byte(text)) //nolint:gosec // it is the other provider's
		return hex.EncodeToString(sum[:]) == hash
	})
}
