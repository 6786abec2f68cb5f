// SPDX-License-Identifier: MPL-2.0

package image_test

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/imagedata"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

// upload makes an image for the test and returns its id.
func upload(t *testing.T, cloud *acctest.Target, name, version string) string {
	t.Helper()
	service, err := cloud.Client.Image()
	if err != nil {
		t.Fatal(err)
	}
	made, err := images.Create(t.Context(), service, images.CreateOpts{
		Name: name, DiskFormat: "raw", ContainerFormat: "bare", Tags: []string{"golden"}, Properties: map[string]string{"os_version": version},
	}).Extract()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := images.Delete(context.WithoutCancel(t.Context()), service, made.ID).ExtractErr(); err != nil {
			t.Error(err)
		}
	})
	if err := imagedata.Upload(t.Context(), service, made.ID, bytes.NewReader(make([]byte, 512))).ExtractErr(); err != nil {
		t.Fatal(err)
	}
	return made.ID
}

func TestAccImageData(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := acctest.Name(t)
	first, second := upload(t, cloud, name, "12"), upload(t, cloud, name, "13")
	config := fmt.Sprintf(`
data "nova_image" "id" {
  id = %[1]q
}

data "nova_image" "properties" {
  name            = %[2]q
  visibility      = data.nova_image.id.visibility
  owner           = data.nova_image.id.owner
  with_properties = { os_version = "13" }
}

data "nova_image" "recent" {
  name_regex  = "^%[2]s$"
  most_recent = true
}

data "nova_images" "test" {
  name      = %[2]q
  with_tags = ["golden"]
}

data "nova_images" "none" {
  with_tags = ["no such tag"]
}
`, first, name)
	is := func(source, attribute string, of knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data."+source, tfjsonpath.New(attribute), of)
	}
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config, ConfigStateChecks: []statecheck.StateCheck{
			is("nova_image.id", "name", knownvalue.StringExact(name)), is("nova_image.id", "status", knownvalue.StringExact("active")),
			is("nova_image.id", "size", knownvalue.Int64Exact(512)),
			is("nova_image.id", "properties", knownvalue.MapPartial(map[string]knownvalue.Check{"os_version": knownvalue.StringExact("12")})),
			is("nova_image.properties", "id", knownvalue.StringExact(second)),
			is("nova_image.recent", "tags", knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("golden")})),
			is("nova_images.test", "ids", knownvalue.ListSizeExact(2)), is("nova_images.none", "images", knownvalue.ListSizeExact(0)),
		}},
		{Config: fmt.Sprintf("data \"nova_image\" \"two\" { name = %q }", name), ExpectError: regexp.MustCompile(`(?s)Several Images.*set\s+most_recent`)},
		{Config: `data "nova_image" "none" { name = "no such image" }`, ExpectError: regexp.MustCompile(`No Such Image`)},
		{Config: `data "nova_image" "none" {}`, PlanOnly: true, ExpectError: regexp.MustCompile(`Missing\s+Attribute\s+Configuration`)},
		{Config: `data "nova_image" "odd" { visibility = "secret" }`, PlanOnly: true, ExpectError: regexp.MustCompile(`must be one of`)},
		{Config: config},
	}})
}
