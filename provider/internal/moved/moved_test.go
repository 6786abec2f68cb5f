// SPDX-License-Identifier: MPL-2.0

package moved_test

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/moved"
)

// move calls the mover of openstack_thing_v2 and returns what it read, nil if it did not take the request.
func move(source, provider, state string) (moved.Attributes, resource.MoveStateResponse) {
	var taken moved.Attributes
	var resp resource.MoveStateResponse
	movers := moved.From("openstack_thing_v2", func(_ context.Context, from moved.Attributes, _ *resource.MoveStateResponse) { taken = from })
	movers[0].StateMover(context.Background(), resource.MoveStateRequest{
		SourceTypeName: source, SourceProviderAddress: provider, SourceRawState: &tfprotov6.RawState{JSON: []byte(state)},
	}, &resp)
	return taken, resp
}

func TestWhatIsTaken(t *testing.T) {
	t.Parallel()
	const ours = "registry.example/anyone/openstack"
	if taken, resp := move("openstack_other_v2", ours, `{}`); taken != nil || resp.Diagnostics.HasError() {
		t.Error("another type was taken")
	}
	if taken, resp := move("openstack_thing_v2", "registry.example/anyone/closedstack", `{}`); taken != nil || resp.Diagnostics.HasError() {
		t.Error("another provider's was taken")
	}
	if taken, resp := move("openstack_thing_v2", ours, `{"id"`); taken != nil || !resp.Diagnostics.HasError() {
		t.Error("half a state was taken")
	}
}

func TestAttributes(t *testing.T) {
	t.Parallel()
	from, _ := move("openstack_thing_v2", "registry.example/anyone/openstack", `{"text": "a", "empty": "", "number": 9007199254740993,
		"fraction": 1.5, "flag": false, "texts": ["b", "c"], "none": [], "map": {"k": "v"}, "null": null, "blocks": [{"text": "d"}]}`)
	if from.Text("text").ValueString() != "a" || !from.Text("empty").IsNull() || !from.Text("missing").IsNull() || !from.Text("number").IsNull() {
		t.Error("texts")
	}
	if from.Number("number").ValueInt64() != 9007199254740993 || !from.Number("fraction").IsNull() || !from.Number("text").IsNull() {
		t.Error("numbers")
	}
	if from.Fraction("fraction").ValueFloat64() != 1.5 || !from.Fraction("null").IsNull() {
		t.Error("fractions")
	}
	if from.Flag("flag").IsNull() || from.Flag("flag").ValueBool() || !from.Flag("null").IsNull() {
		t.Error("flags")
	}
	if texts := from.Texts("texts"); len(texts) != 2 || texts[1] != "c" || from.Texts("none") == nil || from.Texts("null") != nil {
		t.Error("lists", texts)
	}
	if from.Map("map")["k"] != "v" || from.Map("null") != nil {
		t.Error("maps")
	}
	if blocks := from.Blocks("blocks"); len(blocks) != 1 || blocks[0].Text("text").ValueString() != "d" {
		t.Error("blocks", blocks)
	}
}
