// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// withCells gives each host a cell of its own.
func withCells(t *testing.T) func(*mockcloud.Options) {
	t.Helper()
	return func(o *mockcloud.Options) {
		for _, n := range []string{"1", "2"} {
			d, err := sim.New(sim.Options{Clock: clock.Wall()})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = d.Close() })
			o.Hosts = append(o.Hosts, compute.HostSpec{Name: "host-" + n, NovaCell: "cell" + n, Driver: d})
		}
	}
}

// Of servers in a cell that is down there are stubs since 2.69, in lists that nothing else is asked of; before,
// they are not listed.
func TestServersOfACellThatIsDown(t *testing.T) {
	t.Parallel()
	contract := readContract(t)
	cloud := start(t, withCells(t))
	near := cloud.admin.boot(t, "near", object{"host": "host-1"})
	far := cloud.admin.boot(t, "far", object{"host": "host-2"})
	if err := cloud.Compute.SetCellDown(t.Context(), "cell2", true); err != nil {
		t.Fatal(err)
	}
	for v := range nova.Newest {
		v++
		for path, both := range map[string]bool{
			"/servers": v >= 69, "/servers?all_tenants=1": v >= 69, "/servers/detail": v >= 69, "/servers?limit=9": false,
			"/servers?name=.": false, "/servers/detail?sort_key=created_at": false,
		} {
			got := cloud.admin.nova(t, v, http.MethodGet, path, nil)
			operation, _, _ := strings.Cut(path, "?")
			contract.check(t, contract.operations["GET "+operation], v, got)
			var listed []string
			for _, item := range got.object(t, http.StatusOK)["servers"].([]any) {
				listed = append(listed, text(t, item.(object), "id"))
			}
			want := []string{near}
			if both {
				want = []string{far, near}
			}
			if !slices.Equal(listed, want) {
				t.Errorf("2.%d: GET %s: %v, want %v", v, path, listed, want)
			}
		}
		got := cloud.admin.nova(t, v, http.MethodGet, "/servers/"+far, nil)
		if v < 69 {
			got.refused(t, http.StatusInternalServerError, "Cell cell2 is not responding or returned an exception, …")
			continue
		}
		contract.check(t, contract.operations["GET /servers/{id}"], v, got)
		shown := got.object(t, http.StatusOK)["server"].(object)
		same(t, "status", shown["status"], "UNKNOWN")
		same(t, "zone", shown["OS-EXT-AZ:availability_zone"], "UNKNOWN")
	}
	cloud.admin.nova(t, nova.Newest, http.MethodPost, "/servers/"+far+"/action", object{"os-stop": nil}).
		refused(t, http.StatusInternalServerError, "Cell cell2 …")
	if err := cloud.Compute.SetCellDown(t.Context(), "cell2", false); err != nil {
		t.Fatal(err)
	}
	same(t, "status of a server that is back", cloud.admin.settled(t, far)["status"], "ACTIVE")
	if err := cloud.Compute.SetCellDown(t.Context(), "cell3", true); compute.KindOf(err) != compute.NotFound {
		t.Errorf("a cell without hosts: %v", err)
	}
}
