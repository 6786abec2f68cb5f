// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// The proxies of Cinder at every microversion.
func TestVolumeProxiesAtEveryMicroversion(t *testing.T) {
	t.Parallel()
	contract := readContract(t)
	cloud := start(t)
	attached := cloud.attachedVolume(t)
	reached := map[string]bool{}
	for v := range nova.Newest {
		s := &sweep{t: t, contract: contract, as: cloud.admin, v: v + 1, reached: reached}
		s.volumeProxies(attached)
	}
	t.Logf("%d operations at %d microversions", len(reached), nova.Newest)
}

// volumeMade waits until a volume is available.
func (c *cloud) volumeMade(t *testing.T, id string) {
	t.Helper()
	if v, err := c.Cinder.Await(t.Context(), id); err != nil || v.Status != "available" {
		t.Fatalf("volume %s: %+v, %v", id, v, err)
	}
}

// snapshotSettled waits until a snapshot is made, or deleted.
func (c *cloud) snapshotSettled(t *testing.T, id string) {
	t.Helper()
	if _, err := c.Cinder.AwaitSnapshot(t.Context(), id); err != nil && api.AsFault(err) == nil {
		t.Fatal(err)
	}
}

// attachedVolume is a volume that a server has.
func (c *cloud) attachedVolume(t *testing.T) string {
	t.Helper()
	server := c.admin.boot(t, "attached", nil)
	id := c.admin.nova(t, 1, "POST", "/os-volumes", object{"volume": object{"size": 1}}).object(t, 200)["volume"].(object)["id"].(string)
	c.volumeMade(t, id)
	c.admin.nova(t, 1, "POST", "/servers/"+server+"/os-volume_attachments", object{"volumeAttachment": object{"volumeId": id}}).object(t, 200)
	for { // reserved, attaching
		v, err := c.Cinder.Await(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if v.Status == "in-use" {
			return id
		}
	}
}

func (s *sweep) volumeProxies(attached string) {
	made := s.do("POST /os-volumes", object{"volume": object{
		"size": "1", "display_name": fmt.Sprintf("volume-%d", s.v), "display_description": "of Nova", "metadata": object{"a": "b"},
		"volume_type": "__DEFAULT__", "availability_zone": "nova",
	}})
	volume, snapshot := "gone", "gone"
	if made != nil {
		volume = made["volume"].(object)["id"].(string)
		s.as.cloud.volumeMade(s.t, volume)
	}
	s.do("GET /os-volumes", nil)
	s.do("GET /os-volumes/detail?limit=1&offset=0", nil)
	s.do("GET /os-volumes/{id}", nil, volume)
	if made = s.do("POST /os-snapshots", object{"snapshot": object{"volume_id": volume, "display_name": "one", "force": "no"}}); made != nil {
		snapshot = made["snapshot"].(object)["id"].(string)
	}
	s.do("GET /os-snapshots", nil)
	s.do("GET /os-snapshots/detail?limit=5", nil)
	s.do("GET /os-snapshots/{id}", nil, snapshot)
	if made != nil {
		s.as.cloud.snapshotSettled(s.t, snapshot)
	}
	s.do("DELETE /os-snapshots/{id}", nil, snapshot)
	if made != nil {
		s.as.cloud.snapshotSettled(s.t, snapshot)
	}
	s.do("DELETE /os-volumes/{id}", nil, volume)
	s.do("POST /os-assisted-volume-snapshots", object{"snapshot": object{
		"volume_id": attached, "create_info": object{"snapshot_id": "s", "type": "qcow2", "new_file": "f", "id": attached},
	}})
	s.do("DELETE /os-assisted-volume-snapshots/{id}?delete_info="+url.QueryEscape(`{"volume_id": "`+attached+`"}`), nil, "s")
}

// What the proxies show and refuse is what Cinder does, in Nova's words.
func TestVolumeProxies(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	member, v := cloud.demo, api.Version(1)
	refuse := func(status int, method, path string, body object, words string) {
		t.Helper()
		got := member.nova(t, v, method, path, body)
		if got.status != status || !strings.Contains(string(got.body), words) {
			t.Errorf("%s %s: %d %s, want %d %s", method, path, got.status, got.body, status, words)
		}
	}
	absent := "01234567-89ab-4def-8123-456789abcdef"
	refuse(404, "GET", "/os-volumes/"+absent, nil, "Volume "+absent+" could not be found.")
	refuse(404, "DELETE", "/os-volumes/"+absent, nil, "Volume "+absent+" could not be found.")
	refuse(404, "GET", "/os-snapshots/"+absent, nil, "Snapshot "+absent+" could not be found.")
	refuse(404, "DELETE", "/os-snapshots/"+absent, nil, "Snapshot "+absent+" could not be found.")
	refuse(404, "POST", "/os-volumes", object{"volume": object{"size": 1, "snapshot_id": absent}}, "Snapshot "+absent+" could not be found.")
	refuse(404, "POST", "/os-volumes", object{"volume": object{"size": 1, "volume_type": "fast"}}, "Volume type with name fast could not be found.")
	refuse(400, "POST", "/os-volumes", object{"volume": object{"size": 1, "availability_zone": "moon"}},
		"Invalid input received: Availability zone 'moon' is invalid. (HTTP 400) (Request-ID: req-")
	refuse(400, "POST", "/os-volumes", object{"volume": object{}}, "'size' is a required property")
	refuse(403, "POST", "/os-volumes", object{"volume": object{"size": 1001}},
		"Requested volume or snapshot exceeds allowed gigabytes quota. Requested 1001G, quota is 1000G and 0G has been consumed.")
	made := member.nova(t, v, "POST", "/os-volumes", object{"volume": object{"size": 1}})
	id := made.object(t, 200)["volume"].(object)["id"].(string)
	if at := made.header.Get("Location"); !strings.HasSuffix(at, "/os-volumes/"+id) {
		t.Errorf("Location %q", at)
	}
	cloud.volumeMade(t, id)
	snapshot := member.nova(t, v, "POST", "/os-snapshots", object{"snapshot": object{"volume_id": id}}).object(t, 200)["snapshot"].(object)["id"].(string)
	cloud.snapshotSettled(t, snapshot)
	refuse(400, "DELETE", "/os-volumes/"+id, nil, "Invalid input received: Invalid volume: Volume status must be available or error")
	for _, path := range []string{"/os-volumes", "/os-snapshots"} {
		for query, n := range map[string]int{"": 1, "?limit=0": 1, "?offset=1": 0, "?limit=1": 1} {
			for _, all := range member.nova(t, v, "GET", path+query, nil).object(t, 200) {
				if len(all.([]any)) != n {
					t.Errorf("%s%s: %v", path, query, all)
				}
			}
		}
	}
	refuse(403, "POST", "/os-assisted-volume-snapshots", object{"snapshot": object{
		"volume_id": id, "create_info": object{"snapshot_id": snapshot, "type": "qcow2", "new_file": "f"},
	}}, "Policy doesn't allow")
	member = cloud.admin
	refuse(400, "POST", "/os-assisted-volume-snapshots", object{"snapshot": object{
		"volume_id": id, "create_info": object{"snapshot_id": snapshot, "type": "qcow2", "new_file": "f"},
	}}, "No volume Block Device Mapping with id "+id+".")
	refuse(400, "DELETE", "/os-assisted-volume-snapshots/"+snapshot, nil, "'delete_info'")
}
