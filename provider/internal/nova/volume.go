// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
)

// The microversions of what attachments of volumes may have.
const (
	// WithVolumeTag is the first to take a tag with a volume that is attached later on.
	WithVolumeTag client.Microversion = 49
	// WithDeletion is the first to take and show whether a volume goes with its server.
	WithDeletion client.Microversion = 79
	// WithDeletionChange is the first that can change that.
	WithDeletionChange client.Microversion = 85
	// withShelvedVolumes is the first to change the volumes of shelved servers.
	withShelvedVolumes client.Microversion = 20
)

// VolumeAttachment is a volume of a server.
type VolumeAttachment struct {
	VolumeID            string `json:"volumeId"`
	ServerID            string `json:"serverId"`
	Device              string `json:"device"`
	Tag                 string `json:"tag"`                   // since 2.70
	DeleteOnTermination bool   `json:"delete_on_termination"` // since 2.79
}

// VolumeRequest asks for a volume to be attached.
type VolumeRequest struct {
	VolumeID            string `json:"volumeId"`
	Device              string `json:"device,omitempty"`
	Tag                 string `json:"tag,omitempty"`                   // since 2.49
	DeleteOnTermination bool   `json:"delete_on_termination,omitempty"` // since 2.79
}

// needs is the microversion that the request takes.
func (v VolumeRequest) needs() client.Microversion {
	switch {
	case v.DeleteOnTermination:
		return WithDeletion
	case v.Tag != "":
		return WithVolumeTag
	}
	return 1
}

// Volumes are those of one server. They are a wait.Source.
type Volumes struct {
	Client *client.Client
	Server string
}

// All lists the attachments, in the order of their devices as Nova has it.
func (v Volumes) All(ctx context.Context) ([]*VolumeAttachment, error) {
	service, _, err := v.Client.Best(ctx, WithDeletion)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Attachments []*VolumeAttachment `json:"volumeAttachments"`
	}
	_, err = service.Get(ctx, v.url(service), &answer, nil)
	return slices.DeleteFunc(answer.Attachments, func(a *VolumeAttachment) bool { return a == nil }), err
}

// Get reads the attachment of that volume.
func (v Volumes) Get(ctx context.Context, volume string) (*VolumeAttachment, error) {
	service, _, err := v.Client.Best(ctx, WithDeletion)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Attachment *VolumeAttachment `json:"volumeAttachment"`
	}
	_, err = service.Get(ctx, v.url(service, volume), &answer, nil)
	if err == nil && (answer.Attachment == nil || answer.Attachment.VolumeID == "") {
		err = fmt.Errorf("the answer about volume %s of server %s holds no attachment", volume, v.Server)
	}
	return answer.Attachment, err
}

// List reads those of ids that the server has.
func (v Volumes) List(ctx context.Context, ids []string) (map[string]*VolumeAttachment, error) {
	all, err := v.All(ctx)
	found := map[string]*VolumeAttachment{}
	for _, one := range all {
		if slices.Contains(ids, one.VolumeID) {
			found[one.VolumeID] = one
		}
	}
	return found, err
}

// Attach asks for a volume to be attached. That Nova accepted it does not mean that it is: see Cinder. A volume that
// several servers may have needs 2.60, which is used wherever there is.
func (v Volumes) Attach(ctx context.Context, want VolumeRequest) error {
	if err := v.Client.Check(ctx, want.needs()); err != nil {
		return err
	}
	service, _, err := v.Client.Best(ctx, WithDeletion)
	if err != nil {
		return err
	}
	_, err = client.Once(ctx, v.Client,
		func(ctx context.Context) (*VolumeAttachment, error) {
			_, err := service.Post(ctx, v.url(service), map[string]any{"volumeAttachment": want}, nil,
				&gophercloud.RequestOpts{OkCodes: []int{http.StatusOK, http.StatusAccepted}})
			return nil, err
		},
		func(ctx context.Context) (*VolumeAttachment, error) {
			found, err := v.List(ctx, []string{want.VolumeID})
			return found[want.VolumeID], err
		})
	return err
}

// Keep changes whether the volume goes with its server, since 2.85.
func (v Volumes) Keep(ctx context.Context, volume string, keep bool) error {
	service, err := v.Client.At(ctx, WithDeletionChange)
	if err != nil {
		return err
	}
	body := map[string]any{"volumeId": volume, "delete_on_termination": !keep}
	_, err = service.Put(ctx, v.url(service, volume), map[string]any{"volumeAttachment": body}, nil,
		&gophercloud.RequestOpts{OkCodes: []int{http.StatusAccepted}})
	return err
}

// Detach asks for a volume to be taken away.
func (v Volumes) Detach(ctx context.Context, volume string) error {
	service, _, err := v.Client.Best(ctx, withShelvedVolumes)
	if err != nil {
		return err
	}
	_, err = service.Delete(ctx, v.url(service, volume), nil)
	return err
}

func (v Volumes) url(service *gophercloud.ServiceClient, volume ...string) string {
	parts := []string{"servers", url.PathEscape(v.Server), "os-volume_attachments"}
	for _, id := range volume {
		parts = append(parts, url.PathEscape(id))
	}
	return service.ServiceURL(parts...)
}

// Statuses of volumes that decisions depend on.
const (
	VolumeInUse     = "in-use"
	VolumeReserved  = "reserved"
	VolumeAvailable = "available"
)

// CinderVolume is a volume as Cinder shows it, whose view of an attachment Nova waits for itself.
type CinderVolume struct {
	Status  string
	Servers []string // that it is attached to
}

// InCinder reads a volume; nil without an error in a cloud whose catalogue has no Cinder.
func (v Volumes) InCinder(ctx context.Context, volume string) (*CinderVolume, error) {
	service, err := v.Client.Volume()
	var absent *client.NoEndpointError
	if errors.As(err, &absent) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found, err := volumes.Get(ctx, service, volume).Extract()
	if err != nil {
		return nil, err
	}
	shown := &CinderVolume{Status: found.Status}
	for _, attachment := range found.Attachments {
		shown.Servers = append(shown.Servers, attachment.ServerID)
	}
	return shown, nil
}
