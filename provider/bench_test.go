// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

const hundredServers = `
resource "nova_keypair" "key" {
  name       = "key"
  public_key = %[3]q
}

resource "nova_server_group" "group" {
  name   = "group"
  policy = "soft-anti-affinity"
}

resource "nova_quota_class_set" "wide" {
  server_group_members = -1
}

resource "nova_server" "web" {
  count           = 100
  name            = "web-${count.index}"
  image_id        = %[1]q
  flavor_id       = nova_flavor.least.id
  key_name        = nova_keypair.key.name
  networks        = [{ uuid = %[2]q }]
  server_group_id = nova_server_group.group.id
  depends_on      = [nova_quota_class_set.wide]
}

resource "nova_flavor" "least" {
  name  = "least"
  vcpus = 1
  ram   = 16
  disk  = 0
}
`

// hundredData is as many resources that are nothing but Terraform's own work.
const hundredData = `
resource "terraform_data" "some" {
  count = 3
  input = "key ${count.index}"
}

resource "terraform_data" "web" {
  count = 100
  input = "web-${count.index} ${terraform_data.some[0].id} ${terraform_data.some[1].id} ${terraform_data.some[2].id}"
}
`

// BenchmarkHundredServers applies, plans and destroys 100 servers, and as many terraform_data. Its metrics are the
// seconds that each takes, and how many times as long servers take.
func BenchmarkHundredServers(b *testing.B) {
	mock := acctest.NewMock(b)
	server := mock.Terraform(b, wait.Wall{}, fmt.Sprintf(hundredServers, mock.Image(b), mock.Net(b), acctest.Key))
	data := mock.Terraform(b, wait.Wall{}, hundredData)
	phases := []struct {
		name string
		args []string
	}{
		{"apply", []string{"apply", "-auto-approve", "-no-color"}},
		{"plan", []string{"plan", "-detailed-exitcode", "-no-color"}},
		{"destroy", []string{"destroy", "-auto-approve", "-no-color"}},
	}
	spent := map[*acctest.Terraform]map[string]time.Duration{server: {}, data: {}}
	for b.Loop() {
		for tf, in := range spent {
			for _, phase := range phases {
				began := time.Now()
				tf.Run(phase.args...)
				in[phase.name] += time.Since(began)
			}
		}
	}
	for _, phase := range phases {
		servers, least := spent[server][phase.name].Seconds(), spent[data][phase.name].Seconds()
		b.ReportMetric(servers/float64(b.N), phase.name+"-s")
		b.ReportMetric(servers/least, phase.name+"-ratio")
	}
}
