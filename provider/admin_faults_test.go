// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"strconv"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/quotas"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// office is what administrators manage, several of each; %s is a project.
const office = `
provider "nova" {
  max_retries = 8
}

resource "nova_flavor" "all" {
  count       = 5
  name        = "office-${count.index}"
  vcpus       = 1
  ram         = 64
  disk        = 1
  is_public   = false
  extra_specs = { "quota:cpu_shares" = "10" }
}

resource "nova_flavor_access" "all" {
  count      = 5
  flavor_id  = nova_flavor.all[count.index].id
  project_id = %[1]q
}

resource "nova_aggregate" "all" {
  count    = 5
  name     = "office-${count.index}"
  metadata = { number = count.index }
  hosts    = ["compute-1", "compute-2"]
}

resource "nova_aggregate" "open" {
  name              = "office"
  availability_zone = "office"
}

resource "nova_aggregate_host" "all" {
  count        = 2
  aggregate_id = nova_aggregate.open.id
  host         = "compute-${count.index + 1}"
}

resource "nova_quota_set" "all" {
  project_id = %[1]q
  cores      = 33
}

resource "nova_quota_class_set" "all" {
  ram = 4444
}

resource "nova_service" "all" {
  count           = 2
  host            = "compute-${count.index + 1}"
  status          = "disabled"
  disabled_reason = "office"
  depends_on      = [nova_aggregate_host.all]
}
`

// TestOfficeSurvivesFaults: a tenth of all requests fails, and what administrators manage is made and removed all the
// same; nothing is made twice, and nothing stays.
//
// FAULT_SEEDS is how many seeds there are.
func TestOfficeSurvivesFaults(t *testing.T) {
	t.Parallel()
	seeds, err := strconv.ParseUint(cmp.Or(os.Getenv("FAULT_SEEDS"), "3"), 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			mock := acctest.NewMock(t)
			project := mock.Project(t)
			before, census := limits(t, mock.Target, project), mock.Census(t)
			tf := mock.Terraform(t, wait.Hurried{Factor: 100}, fmt.Sprintf(office, project))

			mend := mock.Break(t, seed)
			tf.Run("apply", "-auto-approve", "-no-color")
			tf.Run("plan", "-detailed-exitcode", "-no-color")
			mend()
			if err := quotas.Taken(quotas.Values{"cores": 33, "ram": 4444}, limits(t, mock.Target, project)); err != nil {
				t.Error(err)
			}
			if now := mock.Census(t); now["flavors"] != census["flavors"]+5 || now["aggregates"] != 6 {
				t.Errorf("there is %v", now)
			}

			mend = mock.Break(t, seed+seeds)
			tf.Run("destroy", "-auto-approve", "-no-color")
			mend()
			if err := quotas.Taken(before, limits(t, mock.Target, project)); err != nil {
				t.Error(err)
			}
			if left := mock.Census(t); !maps.Equal(left, census) {
				t.Errorf("there is left %v of %v", left, census)
			}
			for _, host := range mock.Hosts(t, 2) {
				found, err := nova.Services{Client: mock.Client}.On(t.Context(), host, nova.Compute)
				if err != nil || found.Status != nova.Enabled {
					t.Errorf("%s: %v, %v", host, found, err)
				}
			}
		})
	}
}

// limits are those in force for a project.
func limits(t *testing.T, cloud *acctest.Target, project string) quotas.Values {
	t.Helper()
	found, err := quotas.Sets{Client: cloud.Client}.Get(t.Context(), project, "")
	if err != nil {
		t.Fatal(err)
	}
	return found
}
