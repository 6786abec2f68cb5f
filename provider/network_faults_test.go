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
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// quarter has several of each that nothing but an id tells apart: floating IPs of one pool, groups of one name. %[1]q is a
// network with a router, %[2]q an image, %[3]q a flavor, %[4]q a pool.
const quarter = `
provider "nova" {
  max_retries = 8
}

resource "nova_security_group" "all" {
  count                = 4
  name                 = "quarter"
  delete_default_rules = count.index == 0
  rules                = [{ protocol = "tcp", port_range_min = 22, description = "ssh" }, { remote_self = true }]
}

resource "nova_security_group" "bare" {
  name = "bare"
}

resource "nova_security_group_rule" "all" {
  count             = 4
  security_group_id = nova_security_group.bare.id
  protocol          = "udp"
  port_range_min    = 1000 + count.index
}

resource "nova_server_group" "all" {
  count  = 4
  name   = "quarter"
  policy = "soft-affinity"
}

resource "nova_keypair" "all" {
  count = 4
  name  = "quarter-${count.index}"
}

resource "nova_floating_ip" "all" {
  count = 8
  pool  = %[4]q
  tags  = count.index < 4 ? null : ["quarter"]
}

resource "nova_server" "all" {
  count     = 2
  name      = "quarter-${count.index}"
  image_id  = %[2]q
  flavor_id = %[3]q
  networks  = [{ uuid = %[1]q }]
}

resource "nova_floating_ip_association" "all" {
  count       = 2
  floating_ip = nova_floating_ip.all[count.index].id
  server_id   = nova_server.all[count.index].id
}
`

// inQuarter is what a quarter adds to a cloud.
var inQuarter = map[string]int{
	"security groups": 5, "security group rules": 4*4 - 2 + 2 + 4, "server groups": 4, "keypairs": 4, "floating IPs": 8, "servers": 2,
}

func newQuarter(t *testing.T) (*acctest.Mock, *acctest.Terraform) {
	t.Helper()
	mock := acctest.NewMock(t)
	on := mock.Net(t)
	external, pool := mock.External(t)
	mock.Routed(t, on, external)
	return mock, mock.Terraform(t, wait.Hurried{Factor: 100}, fmt.Sprintf(quarter, on, mock.Image(t), mock.Flavor(t), pool))
}

// built checks what there is of a quarter.
func built(t *testing.T, mock *acctest.Mock, before map[string]int) {
	t.Helper()
	now := mock.Census(t)
	for kind, n := range inQuarter {
		if now[kind] != before[kind]+n {
			t.Errorf("there are %d %s, not %d", now[kind], kind, before[kind]+n)
		}
	}
}

// TestQuarterSurvivesFaults: a tenth of all requests fails; nothing is made twice, and nothing stays.
//
// FAULT_SEEDS is how many seeds there are.
func TestQuarterSurvivesFaults(t *testing.T) {
	t.Parallel()
	seeds, err := strconv.ParseUint(cmp.Or(os.Getenv("FAULT_SEEDS"), "3"), 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			mock, tf := newQuarter(t)
			before := mock.Census(t)
			mend := mock.Break(t, seed)
			tf.Run("apply", "-auto-approve", "-no-color")
			tf.Run("plan", "-detailed-exitcode", "-no-color")
			mend()
			built(t, mock, before)
			mend = mock.Break(t, seed+seeds)
			tf.Run("destroy", "-auto-approve", "-no-color")
			mend()
			if left := mock.Census(t); !maps.Equal(left, before) {
				t.Errorf("there is left %v of %v", left, before)
			}
		})
	}
}

// TestQuarterUnanswered: the first answers to all that creates are lost when the work is done.
func TestQuarterUnanswered(t *testing.T) {
	t.Parallel()
	mock, tf := newQuarter(t)
	before := mock.Census(t)
	for operation, service := range map[string]string{
		"POST /os-server-groups": "compute", "POST /os-keypairs": "compute", "POST /security-groups": "network",
		"POST /security-group-rules": "network", "POST /floatingips": "network",
	} {
		mock.Unanswered(t, service, operation, 3)
	}
	tf.Run("apply", "-auto-approve", "-no-color")
	tf.Run("plan", "-detailed-exitcode", "-no-color")
	built(t, mock, before)
	tf.Run("destroy", "-auto-approve", "-no-color")
	if left := mock.Census(t); !maps.Equal(left, before) {
		t.Errorf("there is left %v of %v", left, before)
	}
}
