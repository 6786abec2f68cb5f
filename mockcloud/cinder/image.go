// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"context"
	"encoding/json"
	"io"
)

// Images is where images are (Glance). Its refusals are api.Faults.
type Images interface {
	// Image is the image of that id, if the caller may see it; a 404 otherwise.
	Image(ctx context.Context, caller Caller, id string) (*Image, error)
	// Create makes an image without content and returns its id.
	Create(ctx context.Context, caller Caller, image NewImage) (id string, err error)
	// Upload gives such an image its content.
	Upload(ctx context.Context, caller Caller, id string, content io.Reader) error
	// Delete deletes an image; nil when there is none.
	Delete(ctx context.Context, caller Caller, id string) error
}

// Image is an image as far as a volume needs it.
type Image struct {
	ID, Name, Status            string
	DiskFormat, ContainerFormat string
	Checksum                    string
	Size, VirtualSize           int64 // bytes; 0 if unknown
	MinDisk                     int   // GiB
	MinRAM                      int   // MiB
	Properties                  map[string]string
	Open                        func() (io.ReadCloser, error)
}

// NewImage is an image that a volume becomes.
type NewImage struct {
	Name, DiskFormat, ContainerFormat string
	Visibility                        string
	Protected                         bool
	MinDisk                           int // GiB
	Properties                        map[string]string
}

// bootSnapshot is the snapshot of a volume that an image made of a server's volumes boots from, "" of any other
// image.
func (i *Image) bootSnapshot() string {
	if i == nil {
		return ""
	}
	var devices []struct {
		Source   string `json:"source_type"`
		Index    any    `json:"boot_index"`
		Snapshot string `json:"snapshot_id"`
	}
	if json.Unmarshal([]byte(i.Properties["block_device_mapping"]), &devices) != nil {
		return "" // users may write there what they like
	}
	for _, d := range devices {
		if d.Source == "snapshot" && d.Index == 0.0 {
			return d.Snapshot
		}
	}
	return ""
}

// imageFormats are those that volumes are made of, uploadFormats those that they become.
var (
	imageFormats  = []string{"raw", "ami", "ari", "aki", "iso", "qcow2", "vmdk", "vdi", "vhd", "vhdx"}
	uploadFormats = []string{"raw", "qcow2", "vmdk", "vdi", "vhd", "vhdx"}
)

// noImages is a cloud without images.
type noImages struct{}

func (noImages) Image(_ context.Context, _ Caller, id string) (*Image, error) {
	return nil, imageNotFound.of(id)
}

func (noImages) Create(context.Context, Caller, NewImage) (string, error) {
	return "", badRequest.of("There is no image service.")
}

func (noImages) Upload(_ context.Context, _ Caller, id string, _ io.Reader) error {
	return imageNotFound.of(id)
}

func (noImages) Delete(context.Context, Caller, string) error { return nil }
