// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"reflect"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/metadata"
)

func TestDevicesThatGuestsAreToldOf(t *testing.T) {
	t.Parallel()
	var got metadata.Instance
	noteDevices(&got, &compute.Instance{
		VIFs: []compute.VIF{{PortID: "p1", MAC: "fa:16:3e:00:00:01", Tag: "front"}, {MAC: "fa:16:3e:00:00:02"}},
		BlockDevices: []compute.BlockDevice{
			{Source: compute.SourceVolume, Destination: compute.ToVolume, VolumeID: "v1", Device: "/dev/vda", Tag: "boot"},
			{Source: compute.SourceVolume, Destination: compute.ToVolume, VolumeID: "v2", Device: "/dev/sdb", DiskBus: "scsi", Tag: "data", BootIndex: -1},
			{Source: compute.SourceBlank, Destination: compute.ToLocal, Device: "/dev/vdc", BootIndex: -1},
			{Source: compute.SourceBlank, Destination: compute.ToLocal, Device: "/dev/vdd", GuestFormat: "swap", BootIndex: -1},
		},
		Shares: []compute.ShareMapping{{ShareID: "s1", Tag: "home"}},
	}, []driver.Device{
		{VolumeID: "v2", Bus: "scsi", Address: "0:0:16:0"}, {PortID: "p1", Bus: "pci", Address: "0000:01:00.0"},
	})
	want := metadata.Instance{
		Devices: []metadata.Device{
			{Type: "nic", Bus: "pci", Address: "0000:01:00.0", MAC: "fa:16:3e:00:00:01", Tags: []string{"front"}},
			{Type: "disk", Bus: "pci", Serial: "v1", Path: "/dev/vda", Tags: []string{"boot"}},
			{Type: "disk", Bus: "scsi", Address: "0:0:16:0", Serial: "v2", Path: "/dev/sdb", Tags: []string{"data"}},
			{Type: "share", ShareID: "s1", Tag: "home"},
		},
		EC2: metadata.EC2{Volumes: []string{"/dev/vda", "/dev/sdb"}, Ephemerals: []string{"/dev/vdc"}, Swap: "/dev/vdd"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("told %+v\nwant %+v", got, want)
	}
}
