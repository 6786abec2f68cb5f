// SPDX-License-Identifier: MPL-2.0

package local_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// volume is a volume as Cinder shows it.
type volume struct {
	ID, Status  string
	Attachments []struct {
		Server string `json:"server_id"`
	}
}

// prepareVolumes makes volumes for the crowd to attach; only simulated servers can have any.
func (c *crowd) prepareVolumes() {
	if c.driver != "sim" {
		return
	}
	for range 3 {
		c.volumes = append(c.volumes, c.make("/volume/v3/volumes", `{"volume":{"size":1}}`, "volume"))
	}
	c.eventually(settled, func() bool {
		return !slices.ContainsFunc(c.listVolumes(), func(v volume) bool { return v.Status != "available" })
	})
}

func (c *crowd) listVolumes() []volume {
	c.t.Helper()
	_, _, body := c.send("GET", "/volume/v3/volumes/detail", "")
	var list struct{ Volumes []volume }
	c.decode(body, &list)
	return list.Volumes
}

// moveVolume attaches a volume to a server, or detaches it.
func (c *crowd) moveVolume(server string) {
	id, path := c.volumes[c.pick(len(c.volumes))], "/compute/v2.1/servers/"+server+"/os-volume_attachments"
	var status int
	var body string
	if c.pick(2) == 0 {
		status, _, body = c.try("POST", path, `{"volumeAttachment":{"volumeId":"`+id+`"}}`)
	} else {
		status, _, body = c.try("DELETE", path+"/"+id, "")
	}
	refusals := []int{http.StatusBadRequest, http.StatusNotFound, http.StatusConflict}
	if !slices.Contains(append(refusals, 0, http.StatusOK, http.StatusAccepted), status) {
		c.t.Errorf("volume: %d %s", status, body)
	}
}

// bootable is the part of a create that says what to boot from: the image or, now and then, a volume that is
// made of it and ends with the server.
func (c *crowd) bootable() string {
	if c.driver != "sim" || c.pick(3) > 0 {
		return `"imageRef":"` + c.image + `"`
	}
	return fmt.Sprintf(`"block_device_mapping_v2":[{"boot_index":0,"uuid":"%s","source_type":"image","destination_type":"volume",`+
		`"volume_size":1,"delete_on_termination":true}]`, c.image)
}

// checkVolumes demands that Cinder and Nova agree on who has what: nothing is under way for ever, nothing is
// attached to a server that is gone or does not know of it, and no volume outlives the server that it was
// made for.
func (c *crowd) checkVolumes(there map[string]server) {
	c.t.Helper()
	if c.driver != "sim" {
		return
	}
	var all []volume
	c.eventually(settled, func() bool {
		all = c.listVolumes()
		return !slices.ContainsFunc(all, func(v volume) bool {
			return v.Status != "available" && v.Status != "in-use" || v.Status == "available" && !slices.Contains(c.volumes, v.ID)
		})
	})
	at := map[string]string{}
	for _, v := range all {
		switch {
		case v.Status != "available" && v.Status != "in-use":
			c.t.Errorf("volume %s is stuck: %s", v.ID, v.Status)
		case v.Status == "available" && !slices.Contains(c.volumes, v.ID):
			c.t.Errorf("volume %s is left over", v.ID)
		case (v.Status == "in-use") != (len(v.Attachments) == 1):
			c.t.Errorf("volume %s is %s with %d attachments", v.ID, v.Status, len(v.Attachments))
		case v.Status == "in-use":
			at[v.ID] = v.Attachments[0].Server
		}
	}
	for id := range there {
		for _, volume := range c.volumesOf(id) {
			if at[volume] != id {
				c.t.Errorf("server %s has volume %s, which Cinder knows at %q", id, volume, at[volume])
			}
			delete(at, volume)
		}
	}
	for volume, server := range at {
		c.t.Errorf("volume %s is attached to server %s, which does not have it", volume, server)
	}
}

func (c *crowd) volumesOf(server string) []string {
	c.t.Helper()
	_, _, body := c.send("GET", "/compute/v2.1/servers/"+server+"/os-volume_attachments", "")
	var list struct {
		Attachments []struct {
			Volume string `json:"volumeId"`
		} `json:"volumeAttachments"`
	}
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		c.t.Fatalf("%v in %s", err, body)
	}
	var ids []string
	for _, a := range list.Attachments {
		ids = append(ids, a.Volume)
	}
	return ids
}
