// SPDX-License-Identifier: MPL-2.0

package serveraction_test

import (
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// named are the images of that name.
func (s *scene) named(name string) []images.Image {
	s.t.Helper()
	service, err := s.Client.Image()
	if err != nil {
		s.t.Fatal(err)
	}
	pages, err := images.List(service, images.ListOpts{Name: name}).AllPages(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	all, err := images.ExtractImages(pages)
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

func TestAccServerActionCreateImage(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	s.fails("nova_server_create_image", object{"name": text("golden"), "metadata": texts(map[string]string{nova.MarkKey: "mine"})}, "Invalid Attribute Value Match")
	done := s.does("nova_server_create_image", object{"name": text("golden"), "metadata": texts(map[string]string{"made_by": "a test"})})
	all := s.named("golden")
	if len(all) != 1 || all[0].Status != images.ImageStatusActive || all[0].Properties["made_by"] != "a test" {
		t.Fatalf("%+v", all)
	}
	if !done.Told("image " + all[0].ID + " is active") {
		t.Errorf("the image's id is not told: %q", done.Progress)
	}
	s.does("nova_server_shelve", nil)
	s.fails("nova_server_create_image", object{"name": text("golden")}, `Unable to Create Image of Server "web-1"`, "SHELVED_OFFLOADED", "nova_server_unshelve")
	s.fails("nova_server_create_image", object{"name": text(" golden")}, "white space")
}

func TestAccServerActionCreateBackup(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	for range 3 {
		s.does("nova_server_create_backup", object{"name": text("nightly"), "backup_type": text("daily"), "rotation": number(2)})
	}
	if all := s.named("nightly"); len(all) != 2 {
		t.Errorf("%d backups stay", len(all))
	}
	done := s.does("nova_server_create_backup", object{"name": text("nightly"), "backup_type": text("daily"), "rotation": number(0)})
	if all := s.named("nightly"); len(all) != 0 || !done.Told("rotation is 0") {
		t.Errorf("%d backups stay: %q", len(all), done.Progress)
	}
	s.in(nova.Active)
	s.fails("nova_server_create_backup", object{"name": text("n"), "backup_type": text("daily"), "rotation": number(-1)}, "rotation")
}
