// SPDX-License-Identifier: MPL-2.0

package server

import (
	"cmp"
	"context"
	"crypto/sha1" //nolint:gosec // it is the other provider's
	"encoding/hex"
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework-nettypes/iptypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/moved"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// movedKey is where the private state has the hash of the user data of a server that was moved: the other provider keeps
// no more of it.
const movedKey = "moved_user_data"

// MoveState takes over openstack_compute_instance_v2. What that keeps of a server's creation and Nova does not show comes
// along; what neither has is believed of the configuration, as after an import. Networks and volumes are read anew.
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
		if zone := from.Text("availability_zone_hints"); !zone.IsNull() {
			set("availability_zone", zone)
		}
		files := map[string]string{}
		for _, block := range from.Blocks("personality") {
			files[block.Text("file").ValueString()] = block.Text("content").ValueString()
		}
		if len(files) > 0 {
			set("personality", value.MapOf(files))
		}
		moveHints(from, set)
		hash := cmp.Or(from.Text("user_data").ValueString(), "none")
		resp.Diagnostics.Append(resp.TargetPrivate.SetKey(ctx, importedKey, []byte("true"))...)
		resp.Diagnostics.Append(resp.TargetPrivate.SetKey(ctx, movedKey, []byte(strconv.Quote(hash)))...)
		resp.Diagnostics.Append(identify(ctx, resp.TargetIdentity, from.Text("id").ValueString())...)
	})
}

// moveHints takes the one block of scheduler hints, and the server group out of it.
func moveHints(from moved.Attributes, set func(name string, v any)) {
	for _, block := range from.Blocks("scheduler_hints") {
		set("server_group_id", block.Text("group"))
		address := iptypes.NewIPAddressPointerValue(block.Text("build_near_host_ip").ValueStringPointer())
		given := hints{
			DifferentHost: texts(block, "different_host"), SameHost: texts(block, "same_host"), DifferentCell: texts(block, "different_cell"),
			TargetCell: block.Text("target_cell"), BuildNearHostIP: address, Extra: value.MapOf(block.Map("additional_properties")),
		}
		if !given.DifferentHost.IsNull() || !given.SameHost.IsNull() || !given.DifferentCell.IsNull() || !given.TargetCell.IsNull() ||
			!address.IsNull() || !given.Extra.IsNull() {
			set("scheduler_hints", given)
		}
	}
}

// texts are the elements of a list; null for none.
func texts(block moved.Attributes, name string) types.Set {
	if all := block.Texts(name); len(all) > 0 {
		return value.SetOf(all)
	}
	return types.SetNull(types.StringType)
}

// takeMoved fills in the user data of a moved server where Nova shows them, as it does to administrators, and they are
// those of the hash.
func (b *booting) takeMoved(s *nova.Server, hash string) {
	if hash == "" || !b.UserData.IsNull() || !b.UserDataBase64.IsNull() {
		return
	}
	found := booting{UserData: types.StringNull(), UserDataBase64: types.StringNull()}
	found.takeUserData(s)
	switch {
	case hashes(hash, found.UserData.ValueString(), found.UserDataBase64.ValueString()):
		b.UserData, b.UserDataBase64 = found.UserData, found.UserDataBase64
	case hashes(hash, s.UserData): // text that was given in base64
		b.UserDataBase64 = types.StringValue(s.UserData)
	}
}

// movedHash is the hash of the user data of a server that was moved, in hex, or "".
func movedHash(ctx context.Context, from interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
},
) string {
	text, _ := from.GetKey(ctx, movedKey)
	hash, _ := strconv.Unquote(string(text))
	return hash
}

// hashes is whether the hash is that of one of the texts.
func hashes(hash string, texts ...string) bool {
	return slices.ContainsFunc(texts, func(text string) bool {
		sum := sha1.Sum([]byte(text)) //nolint:gosec // it is the other provider's
		return hex.EncodeToString(sum[:]) == hash
	})
}
