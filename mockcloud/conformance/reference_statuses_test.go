// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/pace"
)

// listedStatus is a status in the lists of the documents about servers.
var listedStatus = regexp.MustCompile("- ``([A-Z_]+)``[.:]")

// misnamed are statuses of the documents that states.json has under another name, or that no server has.
var misnamed = map[string]string{
	"BUILDING": "BUILD", "RESCUED": "RESCUE", "RESIZED": "RESIZE", "STOPPED": "SHUTOFF",
	"UNKNOWN": "", // what Nova would say of a state that it does not know
}

// A server comes to have every status that the documents list, and is listed by it.
func TestReferenceStatuses(t *testing.T) {
	t.Parallel()
	wanted := map[string]bool{}
	for _, file := range []string{"servers-2016.txt", "servers-2018.txt"} {
		text := strings.Join(strings.Fields(readReference(t, file)), " ")
		for _, status := range listedStatus.FindAllStringSubmatch(text, -1) {
			name, other := misnamed[status[1]]
			if !other {
				name = status[1]
			}
			wanted[name] = true
		}
	}
	delete(wanted, "")
	contract := readContract(t)
	const slow = 250 * time.Millisecond // long enough to be seen
	cloud := cloudtest.Start(t, roomy(t), cloudtest.With(func(o *mockcloud.Options) {
		o.Pace = pace.Pace{By: map[string]time.Duration{
			"create": slow, "reboot": slow, "changePassword": slow, "rebuild": slow, "resize": slow, "revertResize": slow, "os-migrateLive": slow,
		}}
	}))
	admin := login(t, cloud.URL, cloud.Password("admin"))
	w := &walker{session: admin.at(t, 1), contract: contract, served: servedBy(cloud), vars: environment(t, admin)}
	w.vars["n"] = "statuses"
	var answers []func()
	for _, s := range statusWalk() {
		if s.op == act+"changePassword" { // answers when it is done
			answers = append(answers, w.begin(s))
			continue
		}
		w.take(s)
		if query, is := strings.CutPrefix(s.query, "uuid=$server&status="); is {
			status, _, _ := strings.Cut(query, "&")
			delete(wanted, status)
		}
	}
	for _, answer := range answers {
		answer()
	}
	for status := range wanted {
		t.Errorf("no server comes to be %s", status)
	}
}

// begin makes a request without waiting for its answer, which what it returns does.
func (w *walker) begin(s step) (wait func()) {
	method, path, body := w.request(s)
	status := make(chan int, 1)
	go func() {
		got, _, _ := w.sendRaw(method, path, body)
		status <- got
	}()
	return func() {
		if got := <-status; got >= http.StatusMultipleChoices {
			w.t.Errorf("%s: %d", s.op, got)
		}
	}
}

// statusWalk leads a server through all statuses.
func statusWalk() []step {
	listed := func(status string) step {
		return step{op: "GET /servers", query: "uuid=$server&status=" + status, save: "seen=servers.0.id"}
	}
	settled := step{op: "GET /servers/{id}", of: "$server", until: "ACTIVE"}
	begun := boot(nil)
	begun.until = ""
	return []step{
		begun, listed("BUILD"), settled, listed("ACTIVE"),
		do("reboot", object{"type": "SOFT"}, ""), listed("REBOOT"), settled,
		do("reboot", object{"type": "HARD"}, ""), listed("HARD_REBOOT"), settled,
		do("changePassword", object{"adminPass": "secret"}, ""), listed("PASSWORD"), settled,
		do("rebuild", object{"imageRef": "$image"}, ""), listed("REBUILD"), settled,
		do("pause", nil, "PAUSED"), listed("PAUSED"), do("unpause", nil, "ACTIVE"),
		do("suspend", nil, "SUSPENDED"), listed("SUSPENDED"), do("resume", nil, "ACTIVE"),
		do("rescue", nil, "RESCUE"), listed("RESCUE"), do("unrescue", nil, "ACTIVE"),
		do("os-stop", nil, "SHUTOFF"), listed("SHUTOFF"), do("os-start", nil, "ACTIVE"),
		do("resize", object{"flavorRef": "$bigger"}, ""), listed("RESIZE"), {op: "GET /servers/{id}", of: "$server", until: "VERIFY_RESIZE"}, listed("VERIFY_RESIZE"),
		do("revertResize", nil, ""), listed("REVERT_RESIZE"), settled,
		do("os-migrateLive", object{"host": nil, "block_migration": false, "disk_over_commit": false}, ""), listed("MIGRATING"), settled,
		do("shelve", nil, "SHELVED"), listed("SHELVED"),
		do("shelveOffload", nil, "SHELVED_OFFLOADED"), listed("SHELVED_OFFLOADED"), do("unshelve", nil, "ACTIVE"),
		do("os-resetState", object{"state": "error"}, "ERROR"), listed("ERROR"), do("os-resetState", object{"state": "active"}, "ACTIVE"),
		{op: "DELETE /servers/{id}", of: "$server", until: "SOFT_DELETED"}, listed("SOFT_DELETED&deleted=true"),
		do("forceDelete", nil, "gone"), listed("DELETED"),
	}
}
