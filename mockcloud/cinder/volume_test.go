// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

func TestVolumeLife(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	id := c.volume(alice, object{"name": " one ", "description": "first", "metadata": object{"a": "b"}})
	v := c.show(alice, id)
	for key, want := range (object{
		"name": "one", "description": "first", "size": 1.0, "volume_type": DefaultType, "availability_zone": "nova", "bootable": "false",
		"encrypted": false, "multiattach": false, "os-vol-tenant-attr:tenant_id": project("alice"), "user_id": "user-alice", "consumes_quota": true,
	}) {
		if v[key] != want {
			t.Errorf("%s is %v, want %v", key, v[key], want)
		}
	}
	if _, shown := v["os-vol-host-attr:host"]; shown {
		t.Error("a member sees the host")
	}
	if host := c.show(admin, id)["os-vol-host-attr:host"]; host != pool {
		t.Errorf("host %v", host)
	}
	changed := c.want(200, alice, "3.0", "PUT", "/volumes/"+id, object{"volume": object{"name": "two", "description": nil}})["volume"].(object)
	if changed["name"] != "two" || changed["description"] != nil {
		t.Errorf("%v", changed)
	}
	c.act(202, alice, id, "os-extend", object{"new_size": "3"})
	if v := c.until(alice, "/volumes/"+id, Available); v["size"] != 3.0 {
		t.Errorf("size %v", v["size"])
	}
	snapshot := c.snapshot(alice, id)
	if got := c.refused(400, alice, "", "DELETE", "/volumes/"+id, nil); !strings.HasPrefix(got, "Invalid volume: Volume status must be available or error") {
		t.Error(got)
	}
	child := c.volume(alice, object{"snapshot_id": snapshot, "size": 4})
	clone := c.volume(alice, object{"source_volid": id})
	if v := c.show(alice, clone); v["size"] != 3.0 || v["source_volid"] != id {
		t.Errorf("%v", v)
	}
	if v := c.show(alice, child); v["size"] != 4.0 || v["snapshot_id"] != snapshot {
		t.Errorf("%v", v)
	}
	c.want(202, alice, "", "DELETE", "/volumes/"+id+"?cascade=true", nil)
	c.until(alice, "/volumes/"+id, "")
	c.want(404, alice, "", "GET", "/snapshots/"+snapshot, nil)
	c.want(200, alice, "", "GET", "/volumes/"+child, nil)
}

// Cinder's words for what cannot be.
func TestVolumeRefusals(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	id := c.volume(alice, object{"size": 2})
	snapshot := c.snapshot(alice, id)
	absent := "01234567-89ab-4def-8123-456789abcdef"
	for _, r := range []struct {
		status int
		body   object
		words  string
	}{
		{400, object{"size": 0}, "Invalid input for field/attribute size. Value: 0. 0 is less than the minimum of 1"},
		{400, object{"size": "-1"}, "Invalid input for field/attribute size. Value: -1. '-1' does not match '^[0-9]*$'"},
		{400, object{"size": "#$%"}, "Invalid input for field/attribute size. Value: #$%. '#$%' does not match '^[0-9]*$'"},
		{400, object{}, "Invalid input received: Volume size 'None' must be an integer and greater than 0"},
		{404, object{"size": 1, "volume_type": "fast"}, "Volume type with name fast could not be found."},
		{404, object{"size": 1, "volume_type": absent}, "Volume type " + absent + " could not be found."},
		{404, object{"snapshot_id": absent}, "Snapshot " + absent + " could not be found."},
		{404, object{"source_volid": absent}, "Volume " + absent + " could not be found."},
		{400, object{"size": 1, "imageRef": absent}, "Invalid image identifier or unable to access requested image."},
		{400, object{"size": 1, "availability_zone": "moon"}, "Availability zone 'moon' is invalid."},
		{400, object{"size": 1, "source_volid": id}, "Invalid input received: Volume size '1'GB cannot be smaller than original volume size  2GB. They must be >= original volume size."},
		{400, object{"size": 1, "snapshot_id": snapshot}, "Invalid input received: Volume size '1'GB cannot be smaller than the snapshot size 2GB. They must be >= original snapshot size."},
		{400, object{"source_volid": id, "snapshot_id": snapshot}, "Invalid input received: May specify only one of snapshot, imageRef, source_volume, backup"},
		{400, object{"size": 1, "colour": "red"}, "Additional properties are not allowed ('colour' was unexpected)"},
	} {
		if got := c.refused(r.status, alice, "3.71", "POST", "/volumes", object{"volume": r.body}); !strings.HasSuffix(got, r.words) {
			t.Errorf("%v: %s", r.body, got)
		}
	}
	c.want(202, alice, "3.52", "POST", "/volumes", object{"volume": object{"size": 1, "colour": "red"}})
	for action, words := range map[string]string{
		"os-extend":          "Invalid input received: New size for extend must be greater than current size. (current: 2, extended: 1).",
		"os-begin_detaching": "Invalid volume: Unable to detach volume. Volume status must be 'in-use' and attach_status must be 'attached' to detach.",
	} {
		body := object{action: object{}}
		if action == "os-extend" {
			body = object{action: object{"new_size": 1}}
		}
		if got := c.refused(400, alice, "", "POST", "/volumes/"+id+"/action", body); got != words {
			t.Errorf("%s: %s", action, got)
		}
	}
	c.act(202, alice, id, "os-reserve", object{})
	if got := c.refused(400, alice, "", "POST", "/volumes/"+id+"/action", object{"os-reserve": nil}); got != "Invalid volume: Volume status must be available to reserve, but the status is attaching." {
		t.Error(got)
	}
	c.act(202, alice, id, "os-unreserve", nil)
	if c.show(alice, id)["status"] != Available {
		t.Error("not unreserved")
	}
}

// With a pace each transient state lasts as long on the clock.
func TestPace(t *testing.T) {
	t.Parallel()
	manual := clock.NewManual(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	c := start(t, Options{Clock: manual, Pace: func(operation string) time.Duration {
		return map[string]time.Duration{"volume.create": time.Minute, "snapshot.create": time.Hour}[operation]
	}})
	id := c.want(202, alice, "", "POST", "/volumes", object{"volume": object{"size": 1}})["volume"].(object)["id"].(string)
	if err := manual.BlockUntil(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	manual.Advance(59 * time.Second)
	if c.show(alice, id)["status"] != Creating {
		t.Error("too early")
	}
	manual.Advance(time.Second)
	c.until(alice, "/volumes/"+id, Available)
	// A deletion does not wait for the snapshot that is being made.
	c.want(202, alice, "", "POST", "/snapshots", object{"snapshot": object{"volume_id": id}})
	if err := manual.BlockUntil(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	c.want(202, admin, "3.23", "DELETE", "/volumes/"+id+"?cascade=true&force=true", nil)
	c.until(alice, "/volumes/"+id, "")
}

func TestLists(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	var ids []string
	for _, name := range []string{"a", "b", "c", "d"} {
		ids = append(ids, c.volume(alice, object{"name": name, "metadata": object{"name": name, "all": "yes"}}))
	}
	c.volume(bob, object{"name": "b"})
	c.act(200, alice, ids[2], "os-set_bootable", object{"bootable": true})
	names := func(token, version, query string) string {
		var all []string
		for _, v := range c.want(200, token, version, "GET", "/volumes/detail"+query, nil)["volumes"].([]any) {
			all = append(all, v.(object)["name"].(string))
		}
		return strings.Join(all, "")
	}
	for _, l := range []struct{ token, version, query, want string }{
		{alice, "", "", "dcba"},
		{alice, "", "?sort=name:asc", "abcd"},
		{alice, "", "?sort_key=name&sort_dir=asc&limit=2", "ab"},
		{alice, "", "?sort=name:asc&marker=" + ids[1], "cd"},
		{alice, "", "?sort=name:asc&offset=1&limit=2", "bc"},
		{alice, "", "?limit=0", ""},
		{alice, "", "?name=b", "b"},
		{alice, "", "?metadata=" + "%7B%27name%27%3A+u%27a%27%7D", "a"},
		{alice, "", "?metadata=%7B%22all%22%3A%22yes%22%7D&sort=name:asc", "abcd"},
		{alice, "3.2", "?bootable=true", "c"},
		{alice, "", "?bootable=no&sort=name", "c"}, // every word but false was true
		{alice, "", "?status=error", ""},
		{alice, "", "?colour=red", "dcba"},
		{alice, "3.60", "?created_at=gt:2020-01-01T00:00:00,lt:2100-01-01", "dcba"},
		{alice, "3.60", "?created_at=lt:2020-01-01", ""},
		{alice, "", "?all_tenants=1", "dcba"},
		{admin, "", "?all_tenants=1&name=b", "bb"},
		{admin, "", "?all_tenants=1&project_id=" + project("bob"), "b"},
		{admin, "", "", ""},
		{admin, "3.34", "?all_tenants=1&name~=b", "bb"},
	} {
		if got := names(l.token, l.version, l.query); got != l.want {
			t.Errorf("%s %s: %q, want %q", l.version, l.query, got, l.want)
		}
	}
	for query, words := range map[string]string{
		"?limit=x": "limit param must be an integer", "?limit=-1": "limit param must be positive", "?sort=colour": "Invalid input received: Invalid sort key",
		"?colour=red": "Invalid filters colour are found in query options.", "?bootable=maybe": "Invalid input received: 'bootable = maybe'",
		"?sort=name&sort_key=name": "The 'sort_key' and 'sort_dir' parameters are deprecated and cannot be used with the 'sort' parameter.",
	} {
		if got := c.refused(400, alice, "3.71", "GET", "/volumes"+query, nil); got != words {
			t.Errorf("%s: %s", query, got)
		}
	}
	c.want(404, alice, "", "GET", "/volumes?marker=nothing", nil)
	page := c.want(200, alice, "3.45", "GET", "/volumes?limit=1&with_count=true&sort=name:asc", nil)
	if page["count"] != 4.0 || !strings.Contains(page["volumes_links"].([]any)[0].(object)["href"].(string), "marker="+ids[0]) {
		t.Errorf("%v", page)
	}
	summary := c.want(200, alice, "3.36", "GET", "/volumes/summary", nil)["volume-summary"].(object)
	if summary["total_count"] != 4.0 || summary["total_size"] != 4.0 || len(summary["metadata"].(object)["name"].([]any)) != 4 {
		t.Errorf("%v", summary)
	}
}

// What a project has nobody else can see, change or find out about.
func TestOtherProjects(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	id := c.volume(alice, object{})
	snapshot := c.snapshot(alice, id)
	attachment := c.want(200, alice, "3.27", "POST", "/attachments", object{"attachment": object{"volume_uuid": id}})["attachment"].(object)["id"].(string)
	given := c.volume(alice, object{})
	transfer := c.want(202, alice, "", "POST", "/os-volume-transfer", object{"transfer": object{"volume_id": given}})["transfer"].(object)["id"].(string)
	for _, r := range []struct {
		method, path string
		body         object
	}{
		{"GET", "/volumes/" + id, nil}, {"DELETE", "/volumes/" + id, nil}, {"PUT", "/volumes/" + id, object{"volume": object{"name": "x"}}},
		{"GET", "/volumes/" + id + "/metadata", nil}, {"PUT", "/volumes/" + id + "/metadata", object{"metadata": object{}}},
		{"POST", "/volumes/" + id + "/action", object{"os-extend": object{"new_size": 2}}},
		{"POST", "/volumes/" + id + "/action", object{"os-force_delete": object{}}},
		{"POST", "/volumes/" + id + "/action", object{"os-volume_upload_image": object{"image_name": "x"}}},
		{"POST", "/volumes", object{"volume": object{"source_volid": id}}},
		{"POST", "/volumes", object{"volume": object{"snapshot_id": snapshot}}},
		{"POST", "/snapshots", object{"snapshot": object{"volume_id": id}}},
		{"GET", "/snapshots/" + snapshot, nil}, {"DELETE", "/snapshots/" + snapshot, nil},
		{"GET", "/snapshots/" + snapshot + "/metadata", nil},
		{"GET", "/attachments/" + attachment, nil}, {"DELETE", "/attachments/" + attachment, nil},
		{"PUT", "/attachments/" + attachment, object{"attachment": object{"connector": object{"host": "h"}}}},
		{"POST", "/attachments", object{"attachment": object{"volume_uuid": id}}},
		{"GET", "/os-volume-transfer/" + transfer, nil}, {"DELETE", "/os-volume-transfer/" + transfer, nil},
		{"POST", "/os-volume-transfer", object{"transfer": object{"volume_id": id}}},
	} {
		c.want(404, bob, "3.71", r.method, r.path, r.body)
	}
	for _, path := range []string{"/volumes", "/volumes/detail", "/snapshots", "/snapshots/detail", "/attachments", "/os-volume-transfer/detail"} {
		for _, items := range c.want(200, bob, "3.71", "GET", path+"?all_tenants=1", nil) {
			if len(items.([]any)) != 0 {
				t.Errorf("%s: %v", path, items)
			}
		}
	}
	// A reader of the project sees all and changes nothing.
	reader := "alice:reader"
	c.want(200, reader, "", "GET", "/volumes/"+id, nil)
	c.want(403, reader, "", "DELETE", "/volumes/"+id, nil)
	c.want(403, reader, "", "POST", "/volumes", object{"volume": object{"size": 1}})
	c.want(403, alice, "", "GET", "/os-services", nil)
	c.want(403, alice, "", "PUT", "/os-quota-sets/"+project("alice"), object{"quota_set": object{"volumes": 100}})
	c.want(403, alice, "", "GET", "/os-quota-sets/"+project("bob"), nil)
}

// The statuses that have a task and those that nothing ends by itself are what the tables say.
func TestTransient(t *testing.T) {
	t.Parallel()
	for _, status := range transient {
		_, task := volumeTasks()[status]
		if !task && !slices.Contains([]string{Attaching, Detaching}, status) {
			t.Errorf("nothing ends %s", status)
		}
	}
}
