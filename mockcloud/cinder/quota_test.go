// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Of many requests at once as many succeed as the quota allows, and not one more.
func TestQuotaNeverOvershot(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	c.want(200, admin, "", "PUT", "/os-quota-sets/"+project("alice"), object{"quota_set": object{"volumes": 7, "gigabytes": 10}})
	var made, refused atomic.Int32
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			switch code, body, header := c.do(alice, "", "POST", "/volumes", object{"volume": object{"size": 1}}); code {
			case 202:
				made.Add(1)
			case 413:
				refused.Add(1)
				fault := body["overLimit"].(object)
				if fault["message"] != "Maximum number of volumes allowed (7) exceeded for quota 'volumes'." || header.Get("Retry-After") != "0" {
					t.Errorf("%v", body)
				}
			default:
				t.Errorf("%d %v", code, body)
			}
		})
	}
	all.Wait()
	if made.Load() != 7 || refused.Load() != 33 {
		t.Errorf("%d made, %d refused", made.Load(), refused.Load())
	}
	usage := c.want(200, alice, "", "GET", "/os-quota-sets/"+project("alice")+"?usage=true", nil)["quota_set"].(object)
	if used := usage["volumes"].(object); used["in_use"] != 7.0 || used["limit"] != 7.0 {
		t.Errorf("%v", used)
	}
}

// Snapshots and growth count, per type too; what fails leaves nothing.
func TestQuotas(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	limit := func(fields object) {
		c.want(200, admin, "", "PUT", "/os-quota-sets/"+project("alice"), object{"quota_set": fields})
	}
	limit(object{"gigabytes": 5})
	id := c.volume(alice, object{"size": 3})
	for _, r := range []struct {
		method, path string
		body         object
		words        string
	}{
		{"POST", "/volumes", object{"volume": object{"size": 3}}, "Requested 3G, quota is 5G and 3G has been consumed."},
		{"POST", "/snapshots", object{"snapshot": object{"volume_id": id}}, "Requested 3G, quota is 5G and 3G has been consumed."},
		{"POST", "/volumes/" + id + "/action", object{"os-extend": object{"new_size": 6}}, "Requested 3G, quota is 5G and 3G has been consumed."},
	} {
		if got := c.refused(413, alice, "", r.method, r.path, r.body); !strings.HasSuffix(got, r.words) {
			t.Error(got)
		}
	}
	if v := c.show(alice, id); v["status"] != Available || v["size"] != 3.0 {
		t.Errorf("%v", v)
	}
	if got := c.refused(400, admin, "", "PUT", "/os-quota-sets/"+project("alice"), object{"quota_set": object{"gigabytes": 2}}); !strings.HasPrefix(got, "Quota gigabytes limit must be equal or greater") {
		t.Error(got)
	}
	limit(object{"gigabytes": -1, "volumes_" + DefaultType: 1, "per_volume_gigabytes": 4})
	if got := c.refused(413, alice, "", "POST", "/volumes", object{"volume": object{"size": 1}}); got != "Maximum number of volumes allowed (1) exceeded for quota 'volumes_"+DefaultType+"'." {
		t.Error(got)
	}
	if got := c.refused(413, alice, "", "POST", "/volumes/"+id+"/action", object{"os-extend": object{"new_size": 5}}); got != "Requested volume size 5G is larger than maximum allowed limit 4G." {
		t.Error(got)
	}
	limits := c.want(200, alice, "", "GET", "/limits", nil)["limits"].(object)["absolute"].(object)
	if limits["totalVolumesUsed"] != 1.0 || limits["totalGigabytesUsed"] != 3.0 || limits["maxTotalVolumes"] != 10.0 {
		t.Errorf("%v", limits)
	}
	// The default class is everybody's.
	c.want(200, admin, "", "PUT", "/os-quota-class-sets/default", object{"quota_class_set": object{"snapshots": 0}})
	if got := c.refused(413, bob, "", "POST", "/snapshots", object{"snapshot": object{"volume_id": c.volume(bob, object{})}}); got != "Maximum number of snapshots allowed (0) exceeded" {
		t.Error(got)
	}
	c.want(200, admin, "", "DELETE", "/os-quota-sets/"+project("alice"), nil)
	c.volume(alice, object{"size": 5})
}
