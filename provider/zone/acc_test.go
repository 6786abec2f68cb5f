// SPDX-License-Identifier: MPL-2.0

package zone_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

func TestAccAvailabilityZones(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config: `data "nova_availability_zones" "test" {}`,
		ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue("data.nova_availability_zones.test",
			tfjsonpath.New("names"), knownvalue.ListPartial(map[int]knownvalue.Check{0: knownvalue.StringExact("nova")}))},
	}}})
}
