// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// The statuses of volumes and snapshots.
const (
	Creating         = "creating"
	Downloading      = "downloading" // an image replaces the content
	Available        = "available"
	Reserved         = "reserved" // for an attachment that is not connected yet
	Attaching        = "attaching"
	InUse            = "in-use"
	Detaching        = "detaching"
	Extending        = "extending"
	Uploading        = "uploading" // its content becomes an image
	Retyping         = "retyping"
	Reverting        = "reverting"
	Restoring        = "restoring" // a snapshot that a volume is reverted to
	AwaitingTransfer = "awaiting-transfer"
	Deleting         = "deleting"
	Failed           = "error"
	FailedDeleting   = "error_deleting"
	FailedExtending  = "error_extending"
	FailedRestoring  = "error_restoring"
	Maintenance      = "maintenance"
)

// Volume is a volume's record.
type Volume struct {
	ID, ProjectID, UserID string
	Name, Description     *string
	Status                string
	PreviousStatus        string // what a task returns to
	Size                  int    // GiB
	TypeID                string
	Zone                  string
	Bootable, Multiattach bool
	ReadOnly              *bool // administrators' metadata; nil: never said
	Encrypted             bool
	// What it was made of; at most one.
	SnapshotID, SourceID, ImageID string
	Metadata                      map[string]string
	// ImageMetadata is that of the image which it was made of, perhaps by way of others.
	ImageMetadata        map[string]string
	MigrationStatus      *string
	CreatedAt, UpdatedAt time.Time
	// Connected is how often a host was let in. A copy that nobody was let in during is of one moment.
	Connected int
	// RequestID is of the request that the present status comes from.
	RequestID string

	// What the task of the present status needs.
	NewSize      int    // extending, GiB
	NewTypeID    string // retyping
	NewImageID   string // downloading
	RevertTo     string // reverting: a snapshot's id
	UploadedTo   string // uploading: an image's id
	UploadFormat string // uploading: its disk format
}

var volumeTable = &store.Table[Volume]{
	Name: "cinder.volumes",
	Key:  func(v *Volume) string { return v.ID },
	Indexes: []store.Index[Volume]{
		{Name: "project", Of: func(v *Volume) []string { return []string{v.ProjectID} }},
		{Name: "type", Of: func(v *Volume) []string { return []string{v.TypeID} }},
	},
}

// Everything is on one backend with one pool, in one zone.
const (
	zone    = "nova"
	host    = "cinder"
	backend = host + "@files"
	pool    = backend + "#files"
)

func (s *Service) volumeRoutes() []api.Route {
	return []api.Route{
		api.Get("/volumes", "", s.listVolumes),
		api.Get("/volumes/detail", "", s.listVolumesDetail),
		api.Get("/volumes/summary", "volume-summary", s.summarizeVolumes).Only("3.12-"),
		api.Post("/volumes", "", s.createVolume).Answer("volume").Code(http.StatusAccepted).Loose("-3.52"),
		api.Get("/volumes/{id}", "volume", s.showVolume),
		api.Put("/volumes/{id}", "volume", s.updateVolume),
		api.Delete("/volumes/{id}", s.deleteVolume).Code(http.StatusAccepted),
		api.Get("/volumes/{id}/encryption", "", s.showVolumeEncryption),
		api.Get("/volumes/{id}/encryption/{key}", "", s.showVolumeEncryptionKey),
	}
}

// volume is the volume of that id, if the caller may know of it.
func (o *op) volume(id string) (*Volume, error) {
	v, err := volumeTable.Get(o.tx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && !o.sees(v.ProjectID) {
		return nil, volumeNotFound.of(id)
	}
	return v, err
}

// ownVolume is the volume, if the rule lets the caller do this to it.
func (o *op) ownVolume(rule, id string) (*Volume, error) {
	v, err := o.volume(id)
	if err != nil {
		return nil, err
	}
	return v, o.authorize(rule, v.ProjectID)
}

func (o *op) putVolume(v *Volume) error {
	v.UpdatedAt = o.now
	return volumeTable.Put(o.tx, v)
}

// attached reports whether the volume is connected to something: what Cinder has as attach_status.
func attached(all []*Attachment) bool {
	return slices.ContainsFunc(all, func(a *Attachment) bool { return a.Status == Attached })
}

// showVolume serves GET /volumes/{id}.
func (s *Service) showVolume(c *api.Call) (volumeDetail, error) {
	return reading(s, c, func(o *op) (volumeDetail, error) {
		v, err := o.ownVolume("volume:get", c.Var("id"))
		if err != nil {
			return volumeDetail{}, err
		}
		return o.volumeDetail(c, v)
	})
}

// VolumeUpdate is the body of PUT /volumes/{id}.
type VolumeUpdate struct {
	Name               api.Opt[line]              `json:"name"                null:"ok" len:"0-255"`
	Description        api.Opt[line]              `json:"description"         null:"ok" len:"0-255"`
	DisplayName        api.Opt[line]              `json:"display_name"        null:"ok" len:"0-255"`
	DisplayDescription api.Opt[line]              `json:"display_description" null:"ok" len:"0-255"`
	Metadata           api.Opt[map[string]string] `json:"metadata" keys:"^[a-zA-Z0-9-_:. /]{1,255}$" itemlen:"0-255"`
}

func (s *Service) updateVolume(c *api.Call, in *VolumeUpdate) (volumeDetail, error) {
	return changing(s, c, func(o *op) (volumeDetail, error) {
		v, err := o.ownVolume("volume:update", c.Var("id"))
		if err != nil {
			return volumeDetail{}, err
		}
		if v.Status == Maintenance {
			return volumeDetail{}, invalidVolume.of("The volume cannot be updated during maintenance.")
		}
		rename(&v.Name, in.DisplayName, in.Name)
		rename(&v.Description, in.DisplayDescription, in.Description)
		if in.Metadata.Set {
			v.Metadata = plain(in.Metadata.Value)
		}
		if err := o.putVolume(v); err != nil {
			return volumeDetail{}, err
		}
		return o.volumeView(c, v)
	})
}

// rename sets a name or description to the last of those that were sent.
func rename(to **string, given ...api.Opt[line]) {
	for _, name := range given {
		if !name.Set {
			continue
		}
		*to = nil
		if !name.Null {
			text := string(name.Value)
			*to = &text
		}
	}
}
