// SPDX-License-Identifier: MPL-2.0

package serveraction_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// TestAccServerActionsLost: a request whose answer got lost is done once, whether the work was done or not.
func TestAccServerActionsLost(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{true, false} {
		t.Run(map[bool]string{true: "done", false: "not done"}[after], func(t *testing.T) {
			t.Parallel()
			s := open(t, nil)
			lose := func(action string) { s.mock.Lose(t, "POST /servers/{id}/action "+action, after) }
			lose("reboot")
			s.does("nova_server_reboot", object{"type": text("hard")})
			lose("createImage")
			s.does("nova_server_create_image", object{"name": text("once")})
			lose("os-migrateLive")
			s.does("nova_server_live_migrate", nil)
			lose("migrate")
			lose("confirmResize")
			s.does("nova_server_migrate", nil)
			lose("lock")
			s.does("nova_server_lock", nil)
			lose("os-stop")
			s.does("nova_server_stop", nil)
			s.in(nova.Shutoff)
			for _, record := range []string{"reboot", "createImage", "live-migration", "migrate", "confirmResize", "stop"} {
				if n := s.requests(record); n != 1 {
					t.Errorf("Nova recorded %q %d times", record, n)
				}
			}
			if all := s.named("once"); len(all) != 1 {
				t.Errorf("there are %d images", len(all))
			}
		})
	}
}

// TestAccServerImagesLost: an image is made once, known and waited for, also if its answer got lost and nobody may read
// Nova's records.
func TestAccServerImagesLost(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		after, blind bool
		microversion string
	}{
		"done": {after: true}, "not done": {}, "done, unrecorded": {after: true, blind: true}, "not done, unrecorded": {blind: true},
		"done, on an old cloud": {after: true, microversion: "2.44"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, map[string]time.Duration{"createImage": 200 * time.Millisecond, "createBackup": 200 * time.Millisecond})
			if test.microversion != "" {
				s.Target = s.Limited(test.microversion)
			}
			if test.blind {
				s.mock.Refuse(t, "GET /servers/{id}/os-instance-actions", http.StatusForbidden)
			}
			for action, config := range map[string]object{
				"createImage":  {"name": text("createImage")},
				"createBackup": {"name": text("createBackup"), "backup_type": text("daily"), "rotation": number(5)},
			} {
				s.mock.Lose(t, "POST /servers/{id}/action "+action, test.after)
				done := s.does(map[string]string{"createImage": "nova_server_create_image", "createBackup": "nova_server_create_backup"}[action], config)
				all := s.named(action)
				if len(all) != 1 || all[0].Status != images.ImageStatusActive || !done.Told("image "+all[0].ID+" is active") {
					t.Errorf("%d images of %s are told of: %q", len(all), action, done.Progress)
				}
			}
		})
	}
}

// TestAccServerActionsBroken: with a tenth of all requests going wrong, each action is done, and no more than once.
func TestAccServerActionsBroken(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			s := open(t, nil)
			from := s.server().Host
			s.Target = s.Hurried()
			mend := s.mock.Break(t, seed)
			s.does("nova_server_create_image", object{"name": text("once")})
			s.does("nova_server_stop", nil)
			s.does("nova_server_migrate", nil)
			s.does("nova_server_start", nil)
			s.does("nova_server_reboot", object{"type": text("hard")})
			s.does("nova_server_rebuild", object{"name": text("rebuilt")})
			s.does("nova_server_live_migrate", nil)
			mend()
			s.in(nova.Active)
			s.on(from)
			for _, record := range []string{"createImage", "stop", "migrate", "confirmResize", "start", "reboot", "rebuild", "live-migration"} {
				if n := s.requests(record); n != 1 {
					t.Errorf("Nova recorded %q %d times", record, n)
				}
			}
			if all := s.named("once"); len(all) != 1 || s.server().Name != "rebuilt" {
				t.Errorf("there are %d images, and the server is %q", len(all), s.server().Name)
			}
		})
	}
}
