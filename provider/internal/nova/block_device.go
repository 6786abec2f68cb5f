// SPDX-License-Identifier: MPL-2.0

package nova

// BlockDevice is a disk that a server is created with: an entry of block_device_mapping_v2.
type BlockDevice struct {
	BootIndex           int64  `json:"boot_index"`            // 0 is what the guest boots from, -1 is no boot device
	Source              string `json:"source_type"`           // blank, image, snapshot or volume
	Destination         string `json:"destination_type"`      // local or volume
	SourceID            string `json:"uuid,omitempty"`        // of the image, snapshot or volume
	Size                int64  `json:"volume_size,omitempty"` // GiB; of swap MiB
	Device              string `json:"device_name,omitempty"`
	DeviceType          string `json:"device_type,omitempty"`
	DiskBus             string `json:"disk_bus,omitempty"`
	GuestFormat         string `json:"guest_format,omitempty"`
	VolumeType          string `json:"volume_type,omitempty"` // 2.67
	Tag                 string `json:"tag,omitempty"`         // 2.32, and again from 2.42
	DeleteOnTermination bool   `json:"delete_on_termination"`
}

// ServerVolume is a volume of a server, as the server shows it.
type ServerVolume struct {
	ID                  string `json:"id"`
	DeleteOnTermination bool   `json:"delete_on_termination"` // since 2.3
}
