// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/imagedata"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/hashicorp/go-version"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// young are the kinds of examples that only newer versions of Terraform can read.
var young = map[string]*version.Version{"actions": version.Must(version.NewVersion("1.14.0"))}

// untested are the examples that terraform test can do nothing with.
var untested = map[string]string{
	"list-resources": "terraform test runs no queries",
	"ephemeral-resources/nova_server_password": "a simulated guest posts no password",
}

// TestExamples applies each example to a cloud of its own, by the terraform test in its folder. What an example needs
// and cannot make is in the cloud already (furnish); ids of that are variables of the example.
func TestExamples(t *testing.T) {
	t.Parallel()
	folders, err := filepath.Glob("../examples/*/*")
	if err != nil || len(folders) == 0 {
		t.Fatal(folders, err)
	}
	for _, folder := range folders {
		kind, name := filepath.Base(filepath.Dir(folder)), filepath.Base(folder)
		if filepath.Ext(name) != "" { // examples/provider/provider.tf
			continue
		}
		t.Run(kind+"/"+name, func(t *testing.T) {
			t.Parallel()
			if why := untested[kind] + untested[kind+"/"+name]; why != "" {
				t.Skip(why)
			}
			if files, err := filepath.Glob(filepath.Join(folder, "tests", "*.tftest.hcl")); err != nil || len(files) == 0 {
				t.Fatalf("%s has no tests/*.tftest.hcl: %v", folder, err)
			}
			target := acctest.Cloud(t)
			cli := target.Terraform(t, wait.Wall{}, configuration(t, folder))
			if since := young[kind]; since != nil && cli.Version().LessThan(since) {
				t.Skip("needs Terraform " + since.String())
			}
			if err := os.CopyFS(filepath.Join(cli.Folder(), "tests"), os.DirFS(filepath.Join(folder, "tests"))); err != nil {
				t.Fatal(err)
			}
			for name, value := range furnish(t, target, configuration(t, folder)) {
				cli.Setenv("TF_VAR_"+name, value)
			}
			cli.Setenv("HOME", home(t))
			cli.Run("test", "-no-color")
		})
	}
}

// home is a home directory with the SSH key that examples read.
func home(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	err := os.Mkdir(filepath.Join(folder, ".ssh"), 0o700)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, ".ssh", "id_ed25519.pub"), []byte(acctest.Key), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// configuration is an example's, but for its import blocks: they import what is not there.
func configuration(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.tf"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, file := range files {
		if strings.HasPrefix(filepath.Base(file), "import") {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(content)
	}
	return all.String()
}

// lookup is how a configuration looks for something by its name.
var lookup = regexp.MustCompile(`data "nova_(\w+)" "\w+" \{\s+(?:host)?name\s+= "([^"]+)"`)

// furnish puts into the cloud what a configuration looks for, and returns the values of its variables.
func furnish(t *testing.T, target *acctest.Target, configuration string) map[string]string {
	t.Helper()
	network := target.Network(t)
	requests := []nova.NetworkRequest{{UUID: private(t, target)}}
	makers := map[string]func(name string){
		"server": func(name string) { target.Rename(t, target.Server(t, requests), name) },
		"image":  func(name string) { makeImage(t, target, name) },
		"keypair": func(name string) {
			post(t, target, "os-keypairs", "keypair", map[string]any{"name": name, "public_key": acctest.Key})
		},
		"server_group": func(name string) {
			post(t, target, "os-server-groups", "server_group", map[string]any{"name": name, "policies": []string{"affinity"}})
		},
		"aggregate": func(name string) { post(t, target, "os-aggregates", "aggregate", map[string]any{"name": name}) },
	}
	for _, found := range lookup.FindAllStringSubmatch(configuration, -1) {
		if build := makers[found[1]]; build != nil {
			build(found[2])
		}
	}
	if strings.Contains(configuration, "os_distro") {
		makeImage(t, target, "debian")
	}
	values := map[string]string{}
	for name, value := range map[string]func() string{
		"image_id":   func() string { return target.Image(t) },
		"flavor_id":  func() string { return target.Flavor(t) },
		"network_id": func() string { return network },
		"port_id":    func() string { return target.Port(t, network) },
		"server_id":  func() string { return target.Server(t, requests) },
		"volume_id":  func() string { return target.Volume(t) },
		"project_id": func() string { return target.Project(t) },
		"user_id":    func() string { return target.User(t) },
		"public_key": func() string { return acctest.Key },
		"admin_pass": func() string { return "correct horse battery" },
	} {
		if strings.Contains(configuration, fmt.Sprintf("variable %q", name)) {
			values[name] = value()
		}
	}
	return values
}

// private is the id of the network behind a router that a cloud has.
func private(t *testing.T, target *acctest.Target) string {
	t.Helper()
	service, err := target.Client.Network()
	if err != nil {
		t.Fatal(err)
	}
	pages, err := networks.List(service, networks.ListOpts{Name: "private"}).AllPages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found, err := networks.ExtractNetworks(pages)
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	return found[0].ID
}

// post makes something in Nova; the cloud goes with the test.
func post(t *testing.T, target *acctest.Target, path, envelope string, body map[string]any) {
	t.Helper()
	service, err := target.Client.At(t.Context(), 1)
	if err == nil {
		_, err = service.Post(t.Context(), service.ServiceURL(path), map[string]any{envelope: body}, nil,
			&gophercloud.RequestOpts{OkCodes: []int{http.StatusOK, http.StatusCreated}})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func makeImage(t *testing.T, target *acctest.Target, name string) {
	t.Helper()
	glance, err := target.Client.Image()
	if err != nil {
		t.Fatal(err)
	}
	public := images.ImageVisibilityPublic
	image, err := images.Create(t.Context(), glance, images.CreateOpts{
		Name: name, DiskFormat: "raw", ContainerFormat: "bare", Visibility: &public,
		Properties: map[string]string{"os_distro": "debian", "os_version": "12"},
	}).Extract()
	if err == nil {
		err = imagedata.Upload(t.Context(), glance, image.ID, strings.NewReader("disk")).ExtractErr()
	}
	if err != nil {
		t.Fatal(err)
	}
}
