// SPDX-License-Identifier: MPL-2.0

package serveraction

import (
	"context"
	"fmt"
	"maps"
	"path"
	"time"

	"github.com/google/uuid"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/operation"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/settings"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// answersImage is the first microversion that names the image in the answer's body.
const answersImage client.Microversion = 45

// imaged are the statuses in which a server's disk can become an image.
func imaged() func(settings.Settings) []string {
	return from(nova.Active, nova.Shutoff, nova.Paused, nova.Suspended)
}

func createImage() kind {
	return kind{
		name: "create_image", verb: "Create Image of",
		about: "Makes an image of a server's disk, and waits until it can be used. Each time is another image. Its id is in the progress: an " +
			"action has no result.",
		instead: "`nova_server_image` does the same, and manages the image.",
		attributes: map[string]schema.Attribute{
			"name":     imageNameAttribute(),
			"metadata": metadataAttribute("Properties of the image."),
		},
		from: imaged(),
		run: func(ctx context.Context, o *operation.Operation, in settings.Settings) error {
			return capture(ctx, o, "createImage", map[string]any{"name": in.Text("name")}, in)
		},
	}
}

func createBackup() kind {
	return kind{
		name: "create_backup", verb: "Back up",
		about: "Makes an image of a server's disk, waits until it can be used, and deletes the server's oldest backups of the same type so that " +
			"no more than `rotation` stay. Not for servers that boot from a volume.",
		instead: "`openstack server backup create`.",
		attributes: map[string]schema.Attribute{
			"name": imageNameAttribute(),
			"backup_type": schema.StringAttribute{
				Required: true, MarkdownDescription: "The type, a word of your own: `daily`, `weekly` ...",
				Validators: []validator.String{stringvalidator.LengthBetween(1, 255)},
			},
			"rotation": schema.Int64Attribute{
				Required: true, MarkdownDescription: "How many backups of this type the server keeps. With 0, not even the new one stays.",
				Validators: []validator.Int64{int64validator.AtLeast(0)},
			},
			"metadata": metadataAttribute("Properties of the image."),
		},
		from: imaged(),
		run: func(ctx context.Context, o *operation.Operation, in settings.Settings) error {
			return capture(ctx, o, "createBackup", map[string]any{
				"name": in.Text("name"), "backup_type": in.Text("backup_type"), "rotation": in.Number("rotation"),
			}, in)
		},
	}
}

func imageNameAttribute() schema.Attribute {
	return schema.StringAttribute{
		Required: true, MarkdownDescription: "The image's name. It need not be unique.",
		Validators: []validator.String{
			stringvalidator.LengthBetween(1, 255), stringvalidator.RegexMatches(nova.NameRule, nova.NameHolds),
		},
	}
}

// capture asks for an image of the server and waits until it is there, or, of a backup that is not to stay, gone.
func capture(ctx context.Context, o *operation.Operation, act string, body map[string]any, in settings.Settings) error {
	var diags diag.Diagnostics
	_, at, err := o.Client().Best(ctx, answersImage)
	if err != nil {
		return err
	}
	mark := uuid.NewString()
	body["metadata"] = marked(in.Map(ctx, "metadata", &diags), mark)
	var answer struct {
		ImageID string `json:"image_id"`
	}
	order := operation.Order{
		At: at, Record: act, Body: map[string]any{act: body},
		Made: func(ctx context.Context) (bool, error) {
			image, err := nova.MarkedImage(ctx, o.Client(), mark)
			if image != nil {
				answer.ImageID = image.ID
			}
			return image != nil, err
		},
	}
	if at >= answersImage {
		order.Answer = &answer
	}
	acted, err := o.Ask(ctx, order)
	if err != nil {
		return err
	}
	id := answer.ImageID
	if id == "" { // before 2.45
		id = path.Base(acted.Location)
	}
	o.Tell("image %s is being made", id)
	if err := o.Idle(ctx); err != nil {
		return err
	}
	if err := o.Failure(ctx); err != nil {
		return err
	}
	fleeting := act == "createBackup" && in.Number("rotation") == 0
	image, err := await(ctx, o.Client(), id, fleeting)
	switch {
	case fleeting && diagnose.NotFound(err):
		o.Tell("image %s was made and, as rotation is 0, deleted", id)
		return nil
	case err != nil:
		return fmt.Errorf("image %s: %w", id, err)
	}
	o.Tell("image %s is %s, %d bytes", id, image.Status, image.SizeBytes)
	return nil
}

// marked are the properties of an image, and the mark by which it is found if the answer that names it is lost.
func marked(properties map[string]string, mark string) map[string]string {
	all := map[string]string{nova.MarkKey: mark}
	maps.Copy(all, properties)
	return all
}

// await waits until an image can be used, or with fleeting until it is gone, which is an error of 404 then.
func await(ctx context.Context, c *client.Client, id string, fleeting bool) (*images.Image, error) {
	service, err := c.Image()
	if err != nil {
		return nil, err
	}
	pauses := wait.Backoff{First: 50 * time.Millisecond, Factor: 1.6, Max: 5 * time.Second, Jitter: 0.2}
	return wait.NewPoller[*images.Image](glance{service}, c.Clock(), pauses).Until(ctx, id, func(image *images.Image, err error) (bool, error) {
		switch {
		case err != nil:
			return false, err
		case image.Status == images.ImageStatusKilled || image.Status == images.ImageStatusDeleted:
			return false, fmt.Errorf("its status is %s", image.Status)
		}
		return image.Status == images.ImageStatusActive && !fleeting, nil
	})
}

// glance is a wait.Source of images.
type glance struct{ service *gophercloud.ServiceClient }

func (g glance) Get(ctx context.Context, id string) (*images.Image, error) {
	return images.Get(ctx, g.service, id).Extract()
}

// List leaves all to Get: each action waits for one image.
func (g glance) List(context.Context, []string) (map[string]*images.Image, error) { return nil, nil }
