// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// volume makes a volume of 1 GiB and waits until it is there.
func (u *user) volume(t *testing.T, change object) string {
	t.Helper()
	body := object{"size": 1}
	for key, value := range change {
		body[key] = value
	}
	got := u.send(t, http.MethodPost, u.cloud.URL+"/volume/v3/"+u.project+"/volumes", nil, object{"volume": body})
	id := text(t, got.object(t, http.StatusAccepted), "volume", "id")
	u.volumeIs(t, id, "available")
	return id
}

// volumeIs waits until the volume has the status.
func (u *user) volumeIs(t *testing.T, id, status string) {
	t.Helper()
	now := ""
	for range 2000 {
		got := u.send(t, http.MethodGet, u.cloud.URL+"/volume/v3/"+u.project+"/volumes/"+id, nil, nil)
		if now = text(t, got.object(t, http.StatusOK), "volume", "status"); now == status {
			return
		}
		pause()
	}
	t.Fatalf("volume %s is %s and does not become %s", id, now, status)
}

// bootable is a block device on a new volume of the cloud's image.
func (u *user) bootable() object {
	return object{
		"boot_index": 0, "uuid": u.cloud.image, "source_type": "image", "destination_type": "volume", "volume_size": 1,
		"delete_on_termination": true,
	}
}

// empty demands an answer of that status without a body.
func (a *answer) empty(t *testing.T, status int) {
	t.Helper()
	if a.status != status || len(a.body) > 0 {
		t.Errorf("%d %s, want %d and nothing", a.status, a.body, status)
	}
}

func TestVolumeAttachmentRefusals(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	u := cloud.demo
	id := u.boot(t, "plain", nil)
	backed := u.boot(t, "backed", object{"imageRef": "", "block_device_mapping_v2": []object{u.bootable()}})
	volume, foreign := u.volume(t, nil), cloud.admin.volume(t, nil)
	const nobody = "421752a6-acf6-4b2d-bc7a-119f9148cd8c"
	path := "/servers/" + id + "/os-volume_attachments"
	ask := func(v api.Version, method, path string, body object) *answer {
		t.Helper()
		var wrapped any
		if body != nil {
			wrapped = object{"volumeAttachment": body}
		}
		return u.nova(t, v, method, path, wrapped)
	}
	ask(1, http.MethodPost, path, object{"volumeId": nobody}).refused(t, 404, "Volume "+nobody+" could not be found.")
	ask(1, http.MethodPost, path, object{"volumeId": foreign}).refused(t, 404, "Volume "+foreign+" could not be found.")
	ask(1, http.MethodPost, path, object{"volumeId": volume, "device": "/dev/vda"}).refused(t, 409, "The supplied device path (/dev/vda) is in use.")
	ask(1, http.MethodDelete, path+"/"+nobody, nil).refused(t, 404, "Volume "+nobody+" could not be found.")
	ask(1, http.MethodDelete, path+"/"+volume, nil).refused(t, 404, "Instance "+id+" is not attached to volume "+volume)
	ask(1, http.MethodGet, path+"/"+volume, nil).refused(t, 404, "Instance "+id+" is not attached to volume "+volume)
	ask(85, http.MethodPut, path+"/"+volume, object{"volumeId": volume}).refused(t, 404, "No volume Block Device Mapping with id "+volume+".")
	ask(85, http.MethodPut, path+"/"+volume, object{"volumeId": nobody}).refused(t, 403,
		"Policy doesn't allow os_compute_api:os-volumes-attachments:swap to be performed.")

	list := ask(89, http.MethodGet, "/servers/"+backed+"/os-volume_attachments", nil).object(t, 200)["volumeAttachments"].([]any)
	root := text(t, list[0].(object), "volumeId")
	ask(1, http.MethodDelete, "/servers/"+backed+"/os-volume_attachments/"+root, nil).refused(t, 400, "Cannot detach a root device volume")
	ask(1, http.MethodPost, "/servers/"+backed+"/os-volume_attachments", object{"volumeId": root}).refused(t, 400,
		"Invalid volume: volume "+root+" is already attached to instances: "+backed)
}

// What PUT can change since 2.85, and what it cannot.
func TestVolumeAttachmentUpdate(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	u := cloud.demo
	id, volume := u.boot(t, "plain", nil), u.volume(t, nil)
	path := "/servers/" + id + "/os-volume_attachments"
	attached := u.nova(t, 79, http.MethodPost, path, object{"volumeAttachment": object{"volumeId": volume, "tag": "data"}}).object(t, 200)
	same(t, "attachment", attached["volumeAttachment"], any(object{
		"id": volume, "volumeId": volume, "serverId": id, "device": "/dev/vdb", "tag": "data", "delete_on_termination": false,
	}))
	u.volumeIs(t, volume, "in-use")
	put := func(change object) *answer {
		t.Helper()
		change["volumeId"] = volume
		return u.nova(t, 85, http.MethodPut, path+"/"+volume, object{"volumeAttachment": change})
	}
	for name, value := range map[string]any{"id": id, "serverId": volume, "device": "/dev/vdc", "tag": "other"} {
		put(object{name: value}).refused(t, 400, "The "+name+" property is not mutable")
	}
	put(object{"id": volume, "serverId": id, "device": "/dev/vdb", "tag": "data", "delete_on_termination": true}).empty(t, 202)
	now := u.nova(t, 89, http.MethodGet, path+"/"+volume, nil).object(t, 200)["volumeAttachment"].(object)
	same(t, "keys", keys(now), []string{"attachment_id", "bdm_uuid", "delete_on_termination", "device", "serverId", "tag", "volumeId"})
	same(t, "delete_on_termination", now["delete_on_termination"], true)

	server := u.nova(t, 3, http.MethodGet, "/servers/"+id, nil).object(t, 200)["server"].(object)
	same(t, "volumes", server["os-extended-volumes:volumes_attached"], any([]any{object{"id": volume, "delete_on_termination": true}}))
	u.nova(t, 1, http.MethodDelete, "/servers/"+id, nil).empty(t, 204)
	u.gone(t, id)
	for range 2000 {
		got := u.send(t, http.MethodGet, cloud.URL+"/volume/v3/"+u.project+"/volumes/"+volume, nil, nil)
		if got.status == http.StatusNotFound {
			return
		}
		pause()
	}
	t.Error("the volume outlives its server")
}

// Attachments are paged by offset and limit.
func TestVolumeAttachmentPages(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	u := cloud.demo
	id := u.boot(t, "plain", nil)
	path := "/servers/" + id + "/os-volume_attachments"
	var volumes []string
	for range 3 {
		volume := u.volume(t, nil)
		u.nova(t, 101, http.MethodPost, path, object{"volumeAttachment": object{"volumeId": volume}}).empty(t, 202)
		u.volumeIs(t, volume, "in-use")
		volumes = append(volumes, volume)
	}
	for query, want := range map[string][]string{
		"": volumes, "?limit=2": volumes[:2], "?offset=1": volumes[1:], "?offset=1&limit=1": volumes[1:2], "?offset=9": {}, "?limit=0": volumes,
	} {
		got := []string{}
		for _, item := range u.nova(t, nova.Newest, http.MethodGet, path+query, nil).object(t, 200)["volumeAttachments"].([]any) {
			got = append(got, text(t, item.(object), "volumeId"))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", query, got, want)
		}
	}
}

func TestBlockDeviceRefusals(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	u := cloud.demo
	volume := u.volume(t, nil) // not bootable
	const invalid = "Block Device Mapping is Invalid: "
	for want, change := range map[string]object{
		"Missing imageRef attribute":     {"imageRef": ""},
		invalid + "Missing device UUID.": {"block_device_mapping_v2": []object{{"source_type": "volume", "boot_index": 0}}},
		invalid + "Invalid device UUID.": {"block_device_mapping_v2": []object{{"source_type": "blank", "uuid": volume, "boot_index": 0}}},
		"Block Device " + volume + " is not bootable.": {"imageRef": "", "block_device_mapping_v2": []object{
			{"source_type": "volume", "destination_type": "volume", "uuid": volume, "boot_index": 0},
		}},
		invalid + "Mapping image to local is not supported.": {"imageRef": "", "block_device_mapping_v2": []object{
			{"source_type": "image", "destination_type": "local", "uuid": cloud.image, "boot_index": 0},
		}},
		invalid + "Specifying a volume_type with destination_type=local is not supported.": {"block_device_mapping_v2": []object{
			{"source_type": "blank", "destination_type": "local", "volume_type": "lvmdriver-1"},
		}},
		invalid + "Specifying volume type to existing volume is not supported.": {"block_device_mapping_v2": []object{
			{"source_type": "volume", "destination_type": "volume", "uuid": volume, "volume_type": "lvmdriver-1"},
		}},
		"Using different block_device_mapping syntaxes is not allowed in the same request.": {
			"block_device_mapping": []object{{"volume_id": volume}}, "block_device_mapping_v2": []object{u.bootable()},
		},
	} {
		server := object{"name": "n", "imageRef": cloud.image, "flavorRef": cloud.flavor, "networks": "none"}
		for key, value := range change {
			server[key] = value
		}
		got := u.nova(t, nova.Newest, http.MethodPost, "/servers", object{"server": server})
		got.refused(t, 400, want)
	}
}

// A server that boots from a volume has no image, and what its volume knows of one.
func TestServerOnAVolume(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	u := cloud.demo
	device := u.bootable()
	device["tag"] = "root"
	id := u.boot(t, "backed", object{"imageRef": "", "block_device_mapping_v2": []object{
		device, {"source_type": "blank", "destination_type": "volume", "volume_size": 1, "boot_index": -1, "delete_on_termination": true},
	}})
	server := u.nova(t, nova.Newest, http.MethodGet, "/servers/"+id, nil).object(t, 200)["server"].(object)
	same(t, "status", server["status"], "ACTIVE")
	same(t, "image", server["image"], "")
	list := u.nova(t, 70, http.MethodGet, "/servers/"+id+"/os-volume_attachments", nil).object(t, 200)["volumeAttachments"].([]any)
	var got []string
	for _, item := range list {
		tag, _ := item.(object)["tag"].(string)
		got = append(got, text(t, item.(object), "device")+" "+tag)
		u.volumeIs(t, text(t, item.(object), "volumeId"), "in-use")
	}
	same(t, "volumes", strings.Join(got, ", "), "/dev/vda root, /dev/vdb ")
	at := u.nova(t, 102, http.MethodGet, "/os-volumes_boot/"+id, nil).object(t, 200)["server"].(object)
	same(t, "at os-volumes_boot", at["id"], any(id))
	if gone := u.nova(t, 103, http.MethodGet, "/os-volumes_boot/"+id, nil); gone.status != http.StatusNotFound {
		t.Errorf("os-volumes_boot at 2.103: %d", gone.status)
	}
}

func TestShares(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	u := cloud.demo
	const share, nobody = "e8debdc0-447a-4376-a10a-4cd9122d7986", "421752a6-acf6-4b2d-bc7a-119f9148cd8c"
	id := u.boot(t, "shared", nil)
	path := "/servers/" + id + "/shares"
	post := func(body object) *answer { return u.nova(t, 97, http.MethodPost, path, object{"share": body}) }
	status := func(want string) {
		t.Helper()
		got := ""
		for range 2000 {
			if got = text(t, u.nova(t, 97, http.MethodGet, path+"/"+share, nil).object(t, 200), "share", "status"); got == want {
				return
			}
			pause()
		}
		t.Errorf("share is %s, want %s", got, want)
	}
	post(object{"share_id": share}).refused(t, 409, "Cannot 'create share' instance "+id+" while it is in vm_state active")
	act := func(action string) {
		t.Helper()
		u.nova(t, 1, http.MethodPost, "/servers/"+id+"/action", object{action: nil}).empty(t, 202)
		u.settled(t, id)
	}
	act("os-stop")
	post(object{"share_id": nobody}).refused(t, 404, "Share "+nobody+" could not be found.")
	same(t, "attached", post(object{"share_id": share, "tag": "data"}).object(t, 201)["share"], any(object{
		"share_id": share, "status": "attaching", "tag": "data",
	}))
	post(object{"share_id": share}).refused(t, 409, "Share '"+share+"' or tag '"+share+"' already associated to this server.")
	status("inactive")
	shown := cloud.admin.nova(t, 97, http.MethodGet, path+"/"+share, nil).object(t, 200)["share"].(object)
	same(t, "an administrator sees", keys(shown), []string{"export_location", "share_id", "status", "tag", "uuid"})
	u.nova(t, 1, http.MethodPost, "/servers/"+id+"/action", object{"rebuild": object{"imageRef": cloud.image}}).refused(t, 409,
		"Feature not supported with instances that have shares.")
	act("os-start")
	status("active")
	u.nova(t, 97, http.MethodDelete, path+"/"+share, nil).refused(t, 409, "Cannot 'delete share' instance "+id+" while it is in vm_state active")
	act("os-stop")
	u.nova(t, 97, http.MethodDelete, path+"/"+share, nil).empty(t, 200)
	for range 2000 {
		if len(u.nova(t, 97, http.MethodGet, path, nil).object(t, 200)["shares"].([]any)) == 0 {
			return
		}
		pause()
	}
	t.Error("the share stays")
}
