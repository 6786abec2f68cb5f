// SPDX-License-Identifier: MPL-2.0

package mockcloud_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/pace"
)

// build asks for a server without a network and does not wait for it.
func (u *user) build(name string) string {
	u.t.Helper()
	page, err := images.List(u.image, nil).AllPages(u.t.Context())
	must(u.t, err)
	found, err := images.ExtractImages(page)
	must(u.t, err)
	made, err := servers.Create(u.t.Context(), u.compute, servers.CreateOpts{
		Name: name, FlavorRef: "1", ImageRef: found[0].ID, Networks: "none",
	}, nil).Extract()
	must(u.t, err)
	return made.ID
}

// until reads the cloud's notifications up to the event, and returns their names.
func until(t *testing.T, cloud *cloudtest.Cloud, event string) (seen []string) {
	t.Helper()
	for last := int64(0); ; {
		some, next, err := cloud.Notifications().Wait(t.Context(), last, 1)
		must(t, err)
		seen, last = append(seen, some[0].Event), next
		if some[0].Event == event {
			return seen
		}
	}
}

func TestPaceStepsThroughStates(t *testing.T) {
	t.Parallel()
	time := clock.NewManual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	speed, err := pace.Parse("5m,delete=0s")
	must(t, err)
	cloud := cloudtest.Start(t, cloudtest.With(func(o *mockcloud.Options) { o.Clock, o.Pace = time, speed }))
	user := login(t, cloud)
	user.compute.Microversion = "2.37"
	id := user.build("slow")
	must(t, time.BlockUntil(t.Context(), 1))
	if got := user.get(id).Status; got != "BUILD" {
		t.Errorf("while it is built, the server is %s", got)
	}
	time.Advance(speed.Every)
	until(t, cloud, "instance.create.end")
	must(t, servers.Reboot(t.Context(), user.compute, id, servers.RebootOpts{Type: servers.SoftReboot}).ExtractErr())
	must(t, time.BlockUntil(t.Context(), 1))
	if got := user.get(id).Status; got != "REBOOT" {
		t.Errorf("while it reboots, the server is %s", got)
	}
	time.Advance(speed.Every)
	until(t, cloud, "instance.reboot.end")
	if got := user.get(id).Status; got != "ACTIVE" {
		t.Errorf("afterwards the server is %s", got)
	}
	must(t, servers.Delete(t.Context(), user.compute, id).ExtractErr())
	until(t, cloud, "instance.delete.end")
}

func TestNotificationsAndTrace(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.Start(t)
	user := login(t, cloud)
	user.compute.Microversion = "2.37"
	id := user.build("seen")
	events := until(t, cloud, "instance.create.end")
	if events[0] != "instance.create.start" || !slices.Contains(events, "instance.update") {
		t.Errorf("the events of a create are %v", events)
	}

	var told struct {
		Entries []struct {
			Event   string `json:"event_type"`
			Payload struct {
				Name string `json:"nova_object.name"`
				Data struct {
					UUID  string
					State string
				} `json:"nova_object.data"`
			}
		}
		Last int64
	}
	ask(t, cloud, "admin", "/mock/v1/notifications?wait=5", http.StatusOK, &told)
	end := told.Entries[len(told.Entries)-1]
	if told.Last != int64(len(told.Entries)) || end.Event != "instance.create.end" || end.Payload.Data.UUID != id ||
		end.Payload.Data.State != "active" || end.Payload.Name != "InstanceActionPayload" {
		t.Errorf("the last of %d notifications is %+v", told.Last, end)
	}

	var asked struct {
		Entries []struct {
			Service, Method, Operation, Microversion string
			Status                                   int
			Request                                  string `json:"request_id"`
		}
	}
	ask(t, cloud, "admin", "/mock/v1/requests", http.StatusOK, &asked)
	found := false
	for _, r := range asked.Entries {
		found = found || r.Service == "compute" && r.Method == http.MethodPost && r.Operation == "/servers" &&
			r.Microversion == "2.37" && r.Status == http.StatusAccepted && strings.HasPrefix(r.Request, "req-")
	}
	if !found {
		t.Errorf("the create is not among the requests: %+v", asked.Entries)
	}
	if kept, _ := cloud.Trace().After(0, len(asked.Entries)); len(kept) != len(asked.Entries) || kept[0].Operation != asked.Entries[0].Operation {
		t.Errorf("the cloud itself tells of %+v", kept)
	}
	ask(t, cloud, "demo", "/mock/v1/requests", http.StatusForbidden, nil)
	ask(t, cloud, "demo", "/mock/v1/notifications", http.StatusForbidden, nil)
}

// ask gets a path of the cloud as a user, and decodes the answer into v.
func ask(t *testing.T, cloud *cloudtest.Cloud, user, path string, status int, v any) {
	t.Helper()
	client, err := openstack.AuthenticatedClient(t.Context(), gophercloud.AuthOptions{
		IdentityEndpoint: cloud.AuthURL, Username: user, Password: cloud.Password(user), TenantName: user, DomainName: "Default",
	})
	must(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, cloud.URL+path, nil)
	must(t, err)
	request.Header.Set("X-Auth-Token", client.Token())
	answer, err := http.DefaultClient.Do(request)
	must(t, err)
	defer answer.Body.Close()
	if answer.StatusCode != status {
		t.Fatalf("%s answers %s to %s", path, answer.Status, user)
	}
	if v != nil {
		must(t, json.NewDecoder(answer.Body).Decode(v))
	}
}
