// SPDX-License-Identifier: MPL-2.0

package server

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/novatest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// TestSecurityGroupsAreAddedFirst: without any group a port lets nothing through.
func TestSecurityGroupsAreAddedFirst(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	cloud.Put("s", nil)
	var actions []string
	cloud.OnAction(func(_ novatest.Server, action string) { actions = append(actions, action) })
	plan, state := model{grouping: grouping{value.SetOf([]string{"both", "new"})}}, model{grouping: grouping{value.SetOf([]string{"old", "both"})}}
	state.ID = types.StringValue("s")
	if err := applyGroups(t.Context(), configured(t, cloud), plan, state); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(actions, []string{"addSecurityGroup", "removeSecurityGroup"}) {
		t.Errorf("actions: %v", actions)
	}
}

// TestSecurityGroupsKeepTheirSpelling: a group that the configuration has by id stays so in the state.
func TestSecurityGroupsKeepTheirSpelling(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	cloud.Put("s", nil)
	cloud.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/servers/s/os-security-groups") {
			return false
		}
		_, _ = w.Write([]byte(`{"security_groups": [{"id": "1", "name": "web"}, {"id": "2", "name": "default"}]}`))
		return true
	})
	r := configured(t, cloud)
	shows := &nova.Server{ID: "s", SecurityGroups: []nova.SecurityGroup{{Name: "web"}, {Name: "default"}}}
	for _, test := range []struct {
		has, want []string
		calls     int
	}{
		{nil, []string{"web", "default"}, 0},
		{[]string{"web"}, []string{"web", "default"}, 0},
		{[]string{"1", "default"}, []string{"1", "default"}, 1},
	} {
		got, err := r.groups(t.Context(), model{grouping: grouping{value.SetOf(test.has)}}, shows)
		if calls := cloud.Count("GET /compute/v2.1/servers/s/os-security-groups"); err != nil || !slices.Equal(got, test.want) || calls != test.calls {
			t.Errorf("%v: %v by %d calls, %v", test.has, got, calls, err)
		}
	}
}

// TestSecurityGroupSpeltOtherwiseIsNotRemoved: the id of a group that was there by name changes nothing.
func TestSecurityGroupSpeltOtherwiseIsNotRemoved(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	cloud.Put("s", novatest.Server{"security_groups": []any{map[string]any{"id": "1", "name": "web"}}})
	cloud.OnAction(func(_ novatest.Server, action string) { t.Error(action) })
	for _, test := range [][2]string{{"1", "web"}, {"web", "1"}} {
		plan, state := model{grouping: grouping{value.SetOf(test[:1])}}, model{ID: types.StringValue("s"), grouping: grouping{value.SetOf(test[1:])}}
		if err := applyGroups(t.Context(), configured(t, cloud), plan, state); err != nil {
			t.Error(err)
		}
	}
}

// TestSecurityGroupsOfGivenPorts are not the server's to manage, nor are those of ports that others attached.
func TestSecurityGroupsOfGivenPorts(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	cloud.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/servers/s/os-interface") {
			_, _ = w.Write([]byte(`{"interfaceAttachments": [{"port_id": "mine", "net_id": "n"}]}`))
			return true
		}
		return false
	})
	r := configured(t, cloud)
	shows := &nova.Server{ID: "s", SecurityGroups: []nova.SecurityGroup{{Name: "web"}, {Name: "of the port"}}}
	made, given := foundNetwork(&nova.Interface{NetworkID: "n", PortID: "mine"}), foundNetwork(&nova.Interface{})
	given.Port, given.UUID = types.StringValue("p"), types.StringNull()
	for _, test := range []struct {
		networks []network
		has      []string
		want     []string
	}{
		{[]network{made, given}, []string{"web"}, []string{"web"}},
		{[]network{made}, []string{"web"}, []string{"web", "of the port"}},
		{[]network{made, given}, nil, []string{"web", "of the port"}},
		{[]network{}, []string{"web"}, []string{"web"}},
	} {
		m := model{networking: networking{Networks: networkList(test.networks)}, grouping: grouping{value.SetOf(test.has)}}
		if got, err := r.groups(t.Context(), m, shows); err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%d interfaces, groups %v: %v, %v", len(test.networks), test.has, got, err)
		}
	}
}
