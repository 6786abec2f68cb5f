// SPDX-License-Identifier: MPL-2.0

package serverimage

import (
	"context"
	"maps"
	"slices"

	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// changes are what Glance can change about the image.
var changes = []struct {
	name    string
	changed func(plan, state model) bool
	apply   func(ctx context.Context, r *serverImage, plan, state model) error
}{
	{"name", func(p, s model) bool { return !p.Name.Equal(s.Name) }, rename},
	{"properties", func(p, s model) bool { return !p.Properties.Equal(s.Properties) }, respecify},
}

func rename(ctx context.Context, r *serverImage, plan, state model) error {
	return r.patch(ctx, state.ID.ValueString(), images.UpdateOpts{images.ReplaceImageName{NewName: plan.Name.ValueString()}})
}

// respecify sets the properties of the plan and removes those that only the state has. What is there and what is not
// counts for Glance, so it is looked at; once more if that was no longer true, or if a patch was done whose answer got
// lost.
func respecify(ctx context.Context, r *serverImage, plan, state model) error {
	var diags diag.Diagnostics
	wanted, had := value.Map(ctx, plan.Properties, &diags), value.Map(ctx, state.Properties, &diags)
	id := state.ID.ValueString()
	for attempt := 0; ; attempt++ {
		image, err := r.read(ctx, id)
		if err != nil {
			return err
		}
		err = r.patch(ctx, id, difference(properties(image), wanted, had))
		if attempt > 0 || !diagnose.Conflict(err) {
			return err
		}
	}
}

// difference is the patch that gives an image with the properties now those that are wanted and takes from it those
// that it had by us.
func difference(now, wanted, had map[string]string) images.UpdateOpts {
	var patch images.UpdateOpts
	for _, key := range slices.Sorted(maps.Keys(wanted)) {
		text, there := now[key]
		switch {
		case !there:
			patch = append(patch, images.UpdateImageProperty{Op: images.AddOp, Name: key, Value: wanted[key]})
		case text != wanted[key]:
			patch = append(patch, images.UpdateImageProperty{Op: images.ReplaceOp, Name: key, Value: wanted[key]})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(had)) {
		_, there := now[key]
		if _, keep := wanted[key]; there && !keep {
			patch = append(patch, images.UpdateImageProperty{Op: images.RemoveOp, Name: key})
		}
	}
	return patch
}

func (r *serverImage) patch(ctx context.Context, id string, patch images.UpdateOpts) error {
	if len(patch) == 0 {
		return nil
	}
	service, err := r.Servers().Client.Image()
	if err != nil {
		return err
	}
	return images.Update(ctx, service, id, patch).Err
}
