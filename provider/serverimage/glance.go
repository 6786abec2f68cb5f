// SPDX-License-Identifier: MPL-2.0

package serverimage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/snapshots"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/idle"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// withImageID is the microversion from which on the answer to createImage holds the image's id; before, the Location
// header ends in it.
const withImageID client.Microversion = 45

// mappings is the property by which Nova makes the volumes of a server again.
const mappings = "block_device_mapping"

// shot is an image to make of a server.
type shot struct {
	server, name string
	properties   map[string]string
	// mark is the value of the property nova.MarkKey, by which the image is found when the answer that names it is lost.
	mark string
}

// take has Nova make the image, once, and returns its id.
func (r *serverImage) take(ctx context.Context, want shot) (string, error) {
	var made *images.Image
	err := idle.Do(ctx, r.Session, want.server, func(ctx context.Context) (err error) {
		whole := client.Whole(ctx)
		made, err = client.Once(ctx, r.Servers().Client,
			func(context.Context) (*images.Image, error) { return r.ask(whole, want) },
			func(context.Context) (*images.Image, error) {
				return nova.MarkedImage(whole, r.Servers().Client, want.mark)
			})
		return err
	})
	if err != nil {
		return "", err
	}
	return made.ID, nil
}

// ask is the action of Nova; of the image it knows the id.
func (r *serverImage) ask(ctx context.Context, want shot) (*images.Image, error) {
	service, _, err := r.Servers().Client.Best(ctx, withImageID)
	if err != nil {
		return nil, err
	}
	properties := map[string]string{nova.MarkKey: want.mark}
	for key, text := range want.properties {
		properties[key] = text
	}
	var answer struct {
		ImageID string `json:"image_id"`
	}
	body := map[string]any{"createImage": map[string]any{"name": want.name, "metadata": properties}}
	header, err := post(ctx, service, service.ServiceURL("servers", want.server, "action"), body, &answer)
	if err != nil {
		return nil, err
	}
	if answer.ImageID == "" {
		if location, err := url.Parse(header); err == nil && header != "" {
			answer.ImageID = path.Base(location.Path)
		}
	}
	if answer.ImageID == "" {
		return nova.MarkedImage(ctx, r.Servers().Client, want.mark)
	}
	return &images.Image{ID: answer.ImageID}, nil
}

// read reads the image.
func (r *serverImage) read(ctx context.Context, id string) (*images.Image, error) {
	service, err := r.Servers().Client.Image()
	if err != nil {
		return nil, err
	}
	return images.Get(ctx, service, id).Extract()
}

// errVanished says what a 404 about a new image means.
var errVanished = errors.New("the image is gone again: Nova deletes the image of a snapshot that fails; `openstack server event list` tells more")

// settled waits until Glance has the image and Nova is done with the server.
func (r *serverImage) settled(ctx context.Context, server, id string) (*images.Image, error) {
	last, err := session.Poller(r.Session, wait.Each[*images.Image](r.read)).Until(ctx, id, func(image *images.Image, err error) (bool, error) {
		switch {
		case diagnose.NotFound(err):
			return false, errVanished
		case diagnose.Status(err) >= 500:
			return false, nil // goes by; the time limit says when not
		case err != nil:
			return false, err
		}
		switch image.Status {
		case images.ImageStatusActive:
			return true, nil
		case images.ImageStatusQueued, images.ImageStatusSaving, images.ImageStatusImporting, "uploading":
			return false, nil
		}
		return false, fmt.Errorf("the image went to status %s", image.Status)
	})
	if errors.Is(err, context.DeadlineExceeded) && last != nil {
		err = fmt.Errorf("the image is still in status %s: %w", last.Status, err)
	}
	if err == nil { // what is to be done to the server next would be refused until then
		if err = idle.Await(ctx, r.Session, server); diagnose.NotFound(err) {
			err = nil
		}
	}
	return last, err
}

// snapshotsOf are the ids of the volume snapshots that Nova made with the image of a volume-backed server.
func snapshotsOf(image *images.Image) []string {
	var disks []struct {
		SnapshotID string `json:"snapshot_id"`
	}
	text, _ := image.Properties[mappings].(string)
	_ = json.Unmarshal([]byte(text), &disks) // what is no list has none
	ids := []string{}
	for _, disk := range disks {
		if disk.SnapshotID != "" {
			ids = append(ids, disk.SnapshotID)
		}
	}
	return ids
}

// remove deletes the image and before it its snapshots: what is interrupted in between is still known by the image.
func (r *serverImage) remove(ctx context.Context, id string) error {
	image, err := r.read(ctx, id)
	if diagnose.NotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if image.Protected { // Glance would refuse, and its snapshots would be gone
		return errors.New("the image is protected against deletion")
	}
	if err := r.removeSnapshots(ctx, snapshotsOf(image)); err != nil {
		return err
	}
	service, err := r.Servers().Client.Image()
	if err != nil {
		return err
	}
	if err := images.Delete(ctx, service, id).ExtractErr(); !diagnose.NotFound(err) {
		return err
	}
	return nil
}

// removeSnapshots waits until Cinder has removed them: a volume is not deleted as long as it has snapshots.
func (r *serverImage) removeSnapshots(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	service, err := r.Servers().Client.Volume()
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := snapshots.Delete(ctx, service, id).ExtractErr(); err != nil && !diagnose.NotFound(err) {
			return fmt.Errorf("volume snapshot %s: %w", id, err)
		}
	}
	read := func(ctx context.Context, id string) (*snapshots.Snapshot, error) {
		return snapshots.Get(ctx, service, id).Extract()
	}
	for _, id := range ids {
		_, err := session.Poller(r.Session, wait.Each[*snapshots.Snapshot](read)).Until(ctx, id, func(s *snapshots.Snapshot, err error) (bool, error) {
			switch {
			case diagnose.NotFound(err):
				return true, nil
			case diagnose.Status(err) >= 500:
				return false, nil
			case err != nil:
				return false, err
			case s.Status != "deleting" && s.Status != "available":
				return false, fmt.Errorf("it went to status %s instead of away", s.Status)
			}
			return false, nil
		})
		if err != nil {
			return fmt.Errorf("volume snapshot %s: %w", id, err)
		}
	}
	return nil
}

// post is a POST whose answer tells by its Location header, or by its body from some microversion on.
func post(ctx context.Context, service *gophercloud.ServiceClient, at string, body, answer any) (location string, err error) {
	response, err := service.Post(ctx, at, body, nil, &gophercloud.RequestOpts{OkCodes: []int{202}, KeepResponseBody: true})
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	_ = json.NewDecoder(response.Body).Decode(answer) // empty before
	return response.Header.Get("Location"), nil
}
