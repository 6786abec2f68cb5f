// SPDX-License-Identifier: MPL-2.0

package image_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

func TestAccImageData(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	id := cloud.Image(t)
	config := fmt.Sprintf(`
data "nova_image" "id" {
  id = %q
}

data "nova_image" "name" {
  name        = data.nova_image.id.name
  visibility  = data.nova_image.id.visibility
  properties  = data.nova_image.id.all_properties
  most_recent = true
}
`, id)
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config, Check: resource.ComposeAggregateTestCheckFunc(
			resource.TestCheckResourceAttr("data.nova_image.name", "id", id),
			resource.TestCheckResourceAttr("data.nova_image.name", "status", "active"),
		)},
		{Config: `data "nova_image" "none" { name = "no such image" }`, ExpectError: regexp.MustCompile(`No Such Image`)},
		{Config: `data "nova_image" "none" {}`, PlanOnly: true, ExpectError: regexp.MustCompile(`Missing\s+Attribute\s+Configuration`)},
		{Config: config},
	}})
}
