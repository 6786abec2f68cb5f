// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"maps"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// fleet is 60 resources of all kinds that depend on each other.
const fleet = `
provider "nova" {
  max_retries = 8
}

resource "nova_flavor" "all" {
  count       = 4
  name        = "fleet-${count.index}"
  vcpus       = 1
  ram         = 64
  disk        = 1
  is_public   = false
  extra_specs = { "quota:cpu_shares" = "10" }
}

resource "nova_flavor_access" "all" {
  count      = 4
  flavor_id  = nova_flavor.all[count.index].id
  project_id = %[4]q
}

resource "nova_keypair" "all" {
  count      = 4
  name       = "fleet-${count.index}"
  public_key = %[3]q
}

resource "nova_server_group" "all" {
  count  = 2
  name   = "fleet-${count.index}"
  policy = "soft-anti-affinity"
}

resource "nova_security_group" "all" {
  count = 3
  name  = "fleet-${count.index}"
  rules = count.index == 0 ? null : [{ protocol = "tcp", port_range_min = 22 }, { remote_self = true }]
}

resource "nova_security_group_rule" "all" {
  count             = 4
  security_group_id = nova_security_group.all[0].id
  protocol          = "udp"
  port_range_min    = 1000 + count.index
}

resource "nova_aggregate" "fleet" {
  name     = "fleet"
  hosts    = ["compute-1"]
  metadata = { ssd = "true" }
}

resource "nova_aggregate" "other" {
  name = "other"
}

resource "nova_aggregate_host" "other" {
  aggregate_id = nova_aggregate.other.id
  host         = "compute-2"
}

resource "nova_quota_set" "fleet" {
  project_id = %[4]q
  cores      = 99
}

resource "nova_floating_ip" "all" {
  count = 4
  pool  = "public"
}

resource "nova_server" "all" {
  count           = 16
  name            = "fleet-${count.index}"
  image_id        = count.index == 15 ? null : %[5]q
  boot_volume     = count.index == 15 ? { image_id = %[5]q, size = 1, delete_on_termination = true } : null
  flavor_id       = nova_flavor_access.all[count.index %% 4].flavor_id
  key_name        = nova_keypair.all[count.index %% 4].name
  networks        = [{ uuid = %[1]q }]
  security_groups = count.index < 4 ? null : [nova_security_group.all[count.index %% 3].name]
  scheduler_hints = { group = nova_server_group.all[count.index %% 2].id }
  metadata        = { role = "fleet" }
  power_state     = count.index == 0 ? "shutoff" : "active"
}

resource "nova_interface_attachment" "all" {
  count      = 4
  server_id  = nova_server.all[count.index].id
  network_id = %[1]q
}

resource "nova_volume_attachment" "all" {
  count     = 4
  server_id = nova_server.all[count.index].id
  volume_id = %[2]s[count.index]
}

resource "nova_server_metadata" "all" {
  count     = 4
  server_id = nova_server.all[count.index].id
  metadata  = { part = "metadata" }
}

resource "nova_server_tag" "all" {
  count     = 4
  server_id = nova_server.all[count.index].id
  tag       = "fleet"
}

resource "nova_server_image" "fleet" {
  name      = "fleet"
  server_id = nova_server.all[0].id
}
`

// run is a cloud with what the fleet needs, and a terraform for it.
type run struct {
	*acctest.Mock
	tf *acctest.Terraform
}

func newRun(t *testing.T) run {
	t.Helper()
	mock := acctest.NewMock(t)
	volumes := make([]string, 0, 4)
	for _, id := range mock.Volumes(t, 4) {
		volumes = append(volumes, strconv.Quote(id))
	}
	config := fmt.Sprintf(fleet, mock.Net(t), "["+strings.Join(volumes, ", ")+"]", acctest.Key, mock.Project(t), mock.Image(t))
	return run{mock, mock.Terraform(t, wait.Hurried{Factor: 100}, config)}
}

// TestFleetSurvivesFaults: a tenth of all requests fails, and terraform makes and removes 60 resources all the same;
// nothing is made twice, and nothing stays. What there has to be is what a run without faults makes.
//
// FAULT_SEEDS is how many seeds there are; .ci/run has 20.
func TestFleetSurvivesFaults(t *testing.T) {
	t.Parallel()
	seeds := 3
	if text := os.Getenv("FAULT_SEEDS"); text != "" {
		var err error
		if seeds, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	clean := newRun(t)
	before := clean.Census(t)
	clean.tf.Run("apply", "-auto-approve", "-no-color")
	clean.tf.Run("plan", "-detailed-exitcode", "-no-color")
	want := clean.Census(t)
	if n := len(clean.tf.Resources()); n < 60 {
		t.Errorf("the fleet has %d resources", n)
	}
	clean.tf.Run("destroy", "-auto-approve", "-no-color")
	if after := clean.Census(t); !maps.Equal(after, before) {
		t.Fatalf("without faults there is left %v of %v", after, before)
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			faulty := newRun(t)
			mend := faulty.Break(t, uint64(seed))
			faulty.tf.Run("apply", "-auto-approve", "-no-color")
			mend()
			if made := faulty.Census(t); !maps.Equal(made, want) {
				t.Errorf("there is %v, not %v", made, want)
			}
			mend = faulty.Break(t, uint64(seed))
			faulty.tf.Run("plan", "-detailed-exitcode", "-no-color")
			faulty.tf.Run("destroy", "-auto-approve", "-no-color")
			mend()
			if left := faulty.Census(t); !maps.Equal(left, before) {
				t.Errorf("there is left %v of %v", left, before)
			}
		})
	}
}
