// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestTypes(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	made := c.want(200, admin, "", "POST", "/types", object{"volume_type": object{
		"name": "fast", "extra_specs": object{"secret": "x", "multiattach": "<is> False"}, "os-volume-type-access:is_public": false,
	}})["volume_type"].(object)
	id, path := made["id"].(string), "/types/"+made["id"].(string)
	if got := c.refused(409, admin, "", "POST", "/types", object{"volume_type": object{"name": "fast"}}); got != "Volume Type fast already exists." {
		t.Error(got)
	}
	// It is not public: nobody but administrators and those who have access knows it.
	c.want(404, alice, "", "GET", path, nil)
	c.want(404, alice, "", "POST", "/volumes", object{"volume": object{"size": 1, "volume_type": "fast"}})
	c.want(202, admin, "", "POST", path+"/action", object{"addProjectAccess": object{"project": project("alice")}})
	c.want(409, admin, "", "POST", path+"/action", object{"addProjectAccess": object{"project": project("alice")}})
	shown := c.want(200, alice, "", "GET", path, nil)["volume_type"].(object)
	if specs := shown["extra_specs"].(object); len(specs) != 1 || specs["multiattach"] != "<is> False" || shown["os-volume-type-access:is_public"].(bool) {
		t.Errorf("%v", shown)
	}
	c.want(404, bob, "", "GET", path, nil)
	if access := c.want(200, admin, "", "GET", path+"/os-volume-type-access", nil)["volume_type_access"].([]any); len(access) != 1 {
		t.Errorf("%v", access)
	}
	c.want(404, admin, "", "GET", "/types/default/os-volume-type-access", nil)
	c.want(200, admin, "", "POST", path+"/extra_specs", object{"extra_specs": object{"provisioning:max_vol_size": "2"}})
	if got := c.refused(400, alice, "", "POST", "/volumes", object{"volume": object{"size": 3, "volume_type": id}}); !strings.HasPrefix(got, "Invalid input received: Specified size of '3' is greater") {
		t.Error(got)
	}
	volume := c.volume(alice, object{"volume_type": "fast"})
	for _, r := range []struct {
		method, path string
		body         object
		words        string
	}{
		{"DELETE", path, nil, "Target volume type is still in use."},
		{"PUT", path + "/extra_specs/a", object{"a": "b"}, "Volume Type is currently in use."},
		{"PUT", path + "/extra_specs/a", object{"a": "b", "c": "d"}, "Invalid input for field/attribute body. Value: {'a': 'b', 'c': 'd'}. It must hold exactly one extra spec"},
	} {
		if got := c.refused(400, admin, "", r.method, r.path, r.body); got != r.words {
			t.Error(got)
		}
	}
	c.act(202, alice, volume, "os-retype", object{"new_type": DefaultType})
	if v := c.until(alice, "/volumes/"+volume, Available); v["volume_type"] != DefaultType {
		t.Errorf("%v", v)
	}
	c.want(200, admin, "", "PUT", path+"/extra_specs/a", object{"a": "b"})
	c.want(200, admin, "", "GET", path+"/extra_specs/a", nil)
	c.want(202, admin, "", "DELETE", path+"/extra_specs/a", nil)
	c.want(404, admin, "", "DELETE", path+"/extra_specs/a", nil)
	// A project's own default.
	c.want(404, admin, "3.62", "GET", "/default-types/"+project("alice"), nil)
	c.want(200, admin, "3.62", "PUT", "/default-types/"+project("alice"), object{"default_type": object{"volume_type": "fast"}})
	if v := c.show(alice, c.volume(alice, object{})); v["volume_type"] != "fast" {
		t.Errorf("%v", v["volume_type"])
	}
	if got := c.refused(400, admin, "", "DELETE", path, nil); got != "The volume type "+id+" is a default volume type and cannot be deleted." {
		t.Error(got)
	}
	c.want(204, admin, "3.62", "DELETE", "/default-types/"+project("alice"), nil)
	c.want(403, alice, "", "POST", "/types", object{"volume_type": object{"name": "mine"}})
	seeded := c.want(200, alice, "", "GET", "/types/default", nil)["volume_type"].(object)
	if seeded["name"] != DefaultType {
		t.Errorf("%v", seeded)
	}
	c.want(400, admin, "", "DELETE", "/types/"+seeded["id"].(string), nil)
}

func TestEncryption(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	id := c.want(200, admin, "", "POST", "/types", object{"volume_type": object{"name": "luks"}})["volume_type"].(object)["id"].(string)
	path := "/types/" + id + "/encryption"
	if got := c.want(200, admin, "", "GET", path, nil); len(got) != 0 {
		t.Errorf("%v", got)
	}
	c.want(400, admin, "", "POST", path, object{"encryption": object{"provider": "luks"}})
	c.want(200, admin, "", "POST", path, object{"encryption": object{"provider": "luks", "control_location": "front-end", "key_size": "256", "cipher": "aes-xts-plain64"}})
	c.want(400, admin, "", "POST", path, object{"encryption": object{"provider": "luks", "control_location": "front-end"}})
	if got := c.want(200, admin, "", "GET", path+"/key_size", nil); got["key_size"] != 256.0 {
		t.Errorf("%v", got)
	}
	c.want(403, alice, "", "GET", path, nil)
	volume := c.volume(alice, object{"volume_type": "luks"})
	if !c.show(alice, volume)["encrypted"].(bool) {
		t.Error("not encrypted")
	}
	if got := c.want(200, alice, "", "GET", "/volumes/"+volume+"/encryption", nil); got["cipher"] != "aes-xts-plain64" {
		t.Errorf("%v", got)
	}
	c.want(400, admin, "", "DELETE", path+"/any", nil)
	c.want(202, alice, "", "DELETE", "/volumes/"+volume, nil)
	c.until(alice, "/volumes/"+volume, "")
	c.want(202, admin, "", "DELETE", path+"/any", nil)
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	volume := c.volume(alice, object{})
	for _, path := range []string{"/volumes/" + volume + "/metadata", "/snapshots/" + c.snapshot(alice, volume) + "/metadata"} {
		all := func(body object) string {
			text, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		got := all(c.want(200, alice, "", "POST", path, object{"metadata": object{"a": "1", "b": "2"}}))
		got += all(c.want(200, alice, "", "PUT", path+"/a", object{"meta": object{"a": "3"}}))
		got += all(c.want(200, alice, "", "GET", path+"/a", nil))
		c.want(404, alice, "", "GET", path+"/c", nil)
		c.want(400, alice, "", "PUT", path+"/a", object{"meta": object{"b": "3"}})
		c.want(400, alice, "", "PUT", path+"/a", object{"meta": object{"b": 3}})
		c.want(200, alice, "", "DELETE", path+"/b", nil)
		got += all(c.want(200, alice, "", "GET", path, nil))
		got += all(c.want(200, alice, "", "PUT", path, object{"metadata": object{"d": "4"}}))
		if want := `{"metadata":{"a":"1","b":"2"}}{"meta":{"a":"3"}}{"meta":{"a":"3"}}{"metadata":{"a":"3"}}{"metadata":{"d":"4"}}`; got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
	_, _, header := c.do(alice, "3.15", "GET", "/volumes/"+volume+"/metadata", nil)
	if header.Get("ETag") == "" {
		t.Error("no ETag")
	}
	c.act(202, alice, volume, "os-update_readonly_flag", object{"readonly": true})
	if meta := c.show(alice, volume)["metadata"].(object); meta["readonly"] != "True" || meta["d"] != "4" {
		t.Errorf("%v", meta)
	}
	c.act(404, alice, volume, "os-show_image_metadata", nil)
	c.act(200, alice, volume, "os-set_image_metadata", object{"metadata": object{"os_type": "linux"}})
	if got := c.act(200, alice, volume, "os-show_image_metadata", nil)["metadata"].(object); got["os_type"] != "linux" {
		t.Errorf("%v", got)
	}
	c.act(200, alice, volume, "os-unset_image_metadata", object{"key": "os_type"})
	c.act(404, alice, volume, "os-unset_image_metadata", object{"key": "os_type"})
}

func TestTransfer(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	id := c.volume(alice, object{})
	snapshot := c.snapshot(alice, id)
	made := c.want(202, alice, "3.57", "POST", "/volume-transfers", object{"transfer": object{"volume_id": id, "name": "gift"}})["transfer"].(object)
	transfer, key := made["id"].(string), made["auth_key"]
	c.is(id, AwaitingTransfer)
	c.want(400, alice, "", "DELETE", "/volumes/"+id, nil)
	if shown := c.want(200, alice, "3.57", "GET", "/volume-transfers/"+transfer, nil)["transfer"].(object); shown["auth_key"] != nil || shown["source_project_id"] != project("alice") {
		t.Errorf("%v", shown)
	}
	if got := c.refused(400, bob, "", "POST", "/os-volume-transfer/"+transfer+"/accept", object{"accept": object{"auth_key": "guess"}}); got !=
		"Invalid auth key: Attempt to transfer "+transfer+" with invalid auth key." {
		t.Error(got)
	}
	c.want(200, admin, "", "PUT", "/os-quota-sets/"+project("bob"), object{"quota_set": object{"gigabytes": 1}})
	c.want(413, bob, "", "POST", "/os-volume-transfer/"+transfer+"/accept", object{"accept": object{"auth_key": key}})
	c.is(id, AwaitingTransfer)
	c.want(200, admin, "", "PUT", "/os-quota-sets/"+project("bob"), object{"quota_set": object{"gigabytes": 2}})
	c.want(202, bob, "", "POST", "/os-volume-transfer/"+transfer+"/accept", object{"accept": object{"auth_key": key}})
	c.want(200, bob, "", "GET", "/volumes/"+id, nil)
	c.want(200, bob, "", "GET", "/snapshots/"+snapshot, nil)
	c.want(404, alice, "", "GET", "/volumes/"+id, nil)
	c.want(404, bob, "", "POST", "/os-volume-transfer/"+transfer+"/accept", object{"accept": object{"auth_key": key}})
}

func TestBackend(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	body := object{"binary": volumeBinary, "host": backend}
	c.want(404, admin, "", "PUT", "/os-services/disable", object{"binary": "cinder-magic", "host": backend})
	c.want(200, admin, "", "PUT", "/os-services/disable", body)
	broken := c.want(202, alice, "", "POST", "/volumes", object{"volume": object{"size": 1}})["volume"].(object)["id"].(string)
	c.until(alice, "/volumes/"+broken, Failed)
	told := c.want(200, alice, "3.5", "GET", "/messages?resource_uuid="+broken, nil)["messages"].([]any)
	if len(told) != 1 || told[0].(object)["user_message"] != "schedule allocate volume:Could not find any available weighted backend." {
		t.Errorf("%v", told)
	}
	message := told[0].(object)["id"].(string)
	c.want(404, bob, "3.3", "GET", "/messages/"+message, nil)
	c.want(404, alice, "3.2", "GET", "/messages/"+message, nil)
	c.want(200, alice, "3.3", "GET", "/messages/"+message, nil)
	c.want(204, alice, "3.3", "DELETE", "/messages/"+message, nil)
	c.want(404, alice, "3.3", "GET", "/messages/"+message, nil)
	c.want(200, admin, "", "PUT", "/os-services/enable", body)
	c.want(200, admin, "", "POST", "/types", object{"volume_type": object{"name": "other", "extra_specs": object{"vendor_name": "nobody"}}})
	other := c.want(202, alice, "", "POST", "/volumes", object{"volume": object{"size": 1, "volume_type": "other"}})["volume"].(object)["id"].(string)
	c.until(alice, "/volumes/"+other, Failed)
	id := c.volume(alice, object{})
	c.want(200, admin, "", "PUT", "/os-services/freeze", object{"host": backend})
	c.want(400, alice, "", "DELETE", "/volumes/"+id, nil)
	c.want(200, admin, "", "PUT", "/os-services/thaw", object{"host": backend})
	if total := c.want(200, admin, "", "GET", "/os-hosts/"+backend, nil)["host"].([]any)[0].(object)["resource"].(object); total["volume_count"] != "3" {
		t.Errorf("%v", total)
	}
	c.want(202, alice, "", "DELETE", "/volumes/"+id, nil)
	pools := c.want(200, admin, "", "GET", "/scheduler-stats/get_pools?detail=true", nil)["pools"].([]any)
	if pools[0].(object)["name"] != pool || pools[0].(object)["capabilities"].(object)["storage_protocol"] != protocol {
		t.Errorf("%v", pools)
	}
	for _, path := range []string{"/os-availability-zone", "/extensions", "/extensions/os-hosts", "/os-services", "/capabilities/" + backend, "/resource_filters"} {
		c.want(200, admin, "3.71", "GET", path, nil)
	}
}

func TestQoS(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	made := c.want(200, admin, "", "POST", "/qos-specs", object{"qos_specs": object{"name": "slow", "consumer": "front-end", "total_iops_sec": "10"}})["qos_specs"].(object)
	id := made["id"].(string)
	c.want(409, admin, "", "POST", "/qos-specs", object{"qos_specs": object{"name": "slow"}})
	c.want(400, admin, "", "POST", "/qos-specs", object{"qos_specs": object{"name": "odd", "consumer": "nobody"}})
	c.want(403, alice, "", "GET", "/qos-specs", nil)
	kind := c.want(200, admin, "", "POST", "/types", object{"volume_type": object{"name": "slow"}})["volume_type"].(object)["id"].(string)
	c.want(400, admin, "", "GET", "/qos-specs/"+id+"/associate", nil)
	c.want(202, admin, "", "GET", "/qos-specs/"+id+"/associate?vol_type_id="+kind, nil)
	if got := c.want(200, admin, "", "GET", "/types/"+kind, nil)["volume_type"].(object)["qos_specs_id"]; got != id {
		t.Errorf("%v", got)
	}
	other := c.want(200, admin, "", "POST", "/qos-specs", object{"qos_specs": object{"name": "other"}})["qos_specs"].(object)["id"].(string)
	c.want(400, admin, "", "GET", "/qos-specs/"+other+"/associate?vol_type_id="+kind, nil)
	c.want(200, admin, "", "PUT", "/qos-specs/"+id, object{"qos_specs": object{"read_iops_sec": "5", "gone": "x"}})
	c.want(202, admin, "", "PUT", "/qos-specs/"+id+"/delete_keys", object{"keys": []string{"gone"}})
	c.want(404, admin, "", "PUT", "/qos-specs/"+id+"/delete_keys", object{"keys": []string{"gone"}})
	a := c.reserveFor(c.volume(alice, object{"volume_type": "slow"}), serverA)
	connected := c.want(200, alice, "3.44", "PUT", "/attachments/"+a, object{"attachment": object{"connector": object{"host": "h"}}})["attachment"].(object)
	if specs := connected["connection_info"].(object)["qos_specs"].(object); specs["total_iops_sec"] != "10" || specs["read_iops_sec"] != "5" || len(specs) != 2 {
		t.Errorf("%v", specs)
	}
	if n := len(c.want(200, admin, "", "GET", "/qos-specs/"+id+"/associations", nil)["qos_associations"].([]any)); n != 1 {
		t.Errorf("%d associations", n)
	}
	c.want(400, admin, "", "DELETE", "/qos-specs/"+id, nil)
	c.want(202, admin, "", "DELETE", "/qos-specs/"+id+"?force=true", nil)
	c.want(404, admin, "", "GET", "/qos-specs/"+id, nil)
	c.want(202, admin, "", "GET", "/qos-specs/"+other+"/disassociate_all", nil)
}
