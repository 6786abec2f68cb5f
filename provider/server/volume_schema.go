// SPDX-License-Identifier: MPL-2.0

package server

import (
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

var deviceNameRule = regexp.MustCompile(`^/dev/x?[a-z]?d?[a-z]+[0-9]*$`)

// mostSize bounds sizes: Nova keeps them in 32 bits.
const mostSize = 1<<31 - 1

// volumeAttributes are the attributes of storing.
func volumeAttributes() map[string]schema.Attribute {
	volumeWords := map[string]schema.Attribute{
		"volume_id": schema.StringAttribute{
			Required: true, MarkdownDescription: "The id of the volume. One that several servers may have needs microversion 2.60.",
			Validators: []validator.String{stringvalidator.RegexMatches(uuidRule, "has to be a UUID")},
		},
		"device":                deviceAttribute(),
		"tag":                   diskTag("Needs microversion 2.42; for a volume that is attached later on, 2.49."),
		"delete_on_termination": deletionAttribute("Default: it is not. `true` for a volume that is attached later on needs microversion 2.79, a change 2.85."),
	}
	return map[string]schema.Attribute{
		"boot_volume": schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "In place of `image_id`: the volume to boot from. Nova makes it from an image or a snapshot, or takes one that exists. " +
				"A change other than of `delete_on_termination` replaces the server; whether the volume is lost with it, " +
				"`delete_on_termination` says.",
			Attributes: bootVolumeAttributes(),
		},
		"block_devices": schema.ListNestedAttribute{
			Optional: true,
			MarkdownDescription: "Further disks that the server is made with and keeps: empty ones, swap, and volumes that Nova makes. A change replaces " +
				"the server, and with it all its local disks and the volumes with `delete_on_termination`.",
			Validators:   []validator.List{listvalidator.SizeAtLeast(1)},
			NestedObject: schema.NestedAttributeObject{Attributes: blockDeviceAttributes()},
		},
		"volumes": schema.ListNestedAttribute{
			Optional: true,
			MarkdownDescription: "Volumes, which a new server gets in this order. A volume that is added is attached to the server as it runs, one that is " +
				"removed is detached: the guest should have unmounted it. The order alone is no change. Volumes that " +
				"others attach, `nova_volume_attachment` for example, are left alone; one that others detach is attached again. After an " +
				"import the configuration may leave out volumes that the server has: they are then left alone.",
			NestedObject: schema.NestedAttributeObject{Attributes: volumeWords},
		},
	}
}

func bootVolumeAttributes() map[string]schema.Attribute {
	peer := func(name string) path.Expression { return path.MatchRelative().AtParent().AtName(name) }
	source := func(description string, validators ...validator.String) schema.StringAttribute {
		return schema.StringAttribute{
			Optional: true, MarkdownDescription: description,
			Validators: append(validators, stringvalidator.RegexMatches(uuidRule, "has to be a UUID")),
		}
	}
	volumeID := source("The id of a volume that exists; of one that Nova made, what it became.")
	volumeID.Computed = true
	return map[string]schema.Attribute{
		"image_id": source("The id of an image to make the volume from. Either this, `snapshot_id` or `volume_id`.",
			stringvalidator.ExactlyOneOf(peer("snapshot_id"), peer("volume_id"))),
		"snapshot_id":           source("The id of a snapshot to make the volume from."),
		"volume_id":             volumeID,
		"size":                  sizeAttribute("The size in GiB; needed with `image_id`, and by default the snapshot's."),
		"volume_type":           volumeTypeAttribute(),
		"delete_on_termination": deletionAttribute("Default: it is not. A change needs microversion 2.85."),
		"device_type":           deviceTypeAttribute(),
		"disk_bus":              diskBusAttribute(),
		"tag":                   diskTag("Needs microversion 2.42."),
	}
}

func blockDeviceAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"source_type": schema.StringAttribute{
			Required: true, MarkdownDescription: "What the disk is made from: `blank`, `image` or `snapshot`; or `volume`, which exists.",
			Validators: []validator.String{stringvalidator.OneOf(fromBlank, fromImage, fromSnapshot, fromVolume)},
		},
		"source_id": schema.StringAttribute{
			Optional: true, MarkdownDescription: "The id of that image, snapshot or volume.",
			Validators: []validator.String{stringvalidator.RegexMatches(uuidRule, "has to be a UUID")},
		},
		"destination_type": schema.StringAttribute{
			Required: true, MarkdownDescription: "`local` for a disk on the host, which takes its size from what the flavor has for `ephemeral` and `swap`; or `volume`.",
			Validators: []validator.String{stringvalidator.OneOf(toLocal, toVolume)},
		},
		"boot_index": schema.Int64Attribute{
			Optional: true, MarkdownDescription: "Where it stands among what the guest boots from; 0 is the root disk. Default: it is not booted from.",
			Validators: []validator.Int64{int64validator.AtLeast(0)},
		},
		"size":        sizeAttribute("The size in GiB, of swap in MiB."),
		"volume_type": volumeTypeAttribute(),
		"guest_format": schema.StringAttribute{
			Optional: true, MarkdownDescription: "`swap`, or the file system to make on a blank local disk: `ext4` for example.",
			Validators: []validator.String{stringvalidator.LengthBetween(1, 255)},
		},
		"device":                deviceAttribute(),
		"device_type":           deviceTypeAttribute(),
		"disk_bus":              diskBusAttribute(),
		"tag":                   diskTag("Needs microversion 2.42."),
		"delete_on_termination": deletionAttribute("Default: it is not. A local disk always is."),
	}
}

func sizeAttribute(description string) schema.Attribute {
	return schema.Int64Attribute{
		Optional: true, MarkdownDescription: description, Validators: []validator.Int64{int64validator.Between(1, mostSize)},
	}
}

func deletionAttribute(more string) schema.Attribute {
	return schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether it is deleted with the server. " + more}
}

func deviceAttribute() schema.Attribute {
	return schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "The device to ask for, `/dev/vdb` for example. Most hypervisors take the next one that is free instead, so find the " +
			"disk in the guest by its id or `tag` rather.",
		Validators: []validator.String{stringvalidator.RegexMatches(deviceNameRule, "has to be a device, /dev/vdb for example")},
	}
}

func deviceTypeAttribute() schema.Attribute {
	return schema.StringAttribute{
		Optional: true, MarkdownDescription: "As what the guest sees it: `disk` (the default), `cdrom` or `lun`.",
		Validators: []validator.String{stringvalidator.OneOf("disk", "cdrom", "lun", "floppy", "fs")},
	}
}

func diskBusAttribute() schema.Attribute {
	return schema.StringAttribute{
		Optional: true, MarkdownDescription: "The bus: `virtio`, `scsi`, `sata`, `ide`, `usb` ... Default: the image's or the hypervisor's.",
		Validators: []validator.String{stringvalidator.OneOf("fdc", "ide", "sata", "scsi", "usb", "virtio", "xen", "lxc", "uml")},
	}
}

func volumeTypeAttribute() schema.Attribute {
	return schema.StringAttribute{
		Optional: true, MarkdownDescription: "The name or id of the volume's type. Needs microversion 2.67.",
		Validators: []validator.String{stringvalidator.LengthBetween(1, 255)},
	}
}

func diskTag(more string) schema.Attribute {
	return schema.StringAttribute{
		Optional: true, MarkdownDescription: "A tag by which the guest finds it in its metadata. " + more,
		Validators: []validator.String{
			stringvalidator.LengthBetween(1, 60), stringvalidator.RegexMatches(tagRule, "may hold neither a comma nor a slash"),
		},
	}
}
