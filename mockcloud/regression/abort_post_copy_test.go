// SPDX-License-Identifier: MPL-2.0

package regression

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

// postCopying is a host whose machines leave it by post-copy, when that is let.
type postCopying struct {
	*sim.Driver

	asked, let chan struct{}
}

func (h *postCopying) LiveMigrate(ctx context.Context, id string, move driver.LiveMove) error {
	close(h.asked)
	select {
	case <-h.let:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	move.To = move.To.(*postCopying).Driver
	return h.Driver.LiveMigrate(ctx, id, move)
}

func (*postCopying) AbortMigration(context.Context, string) error {
	return fmt.Errorf("the machine: %w", driver.ErrPostCopy)
}

// An abort was accepted after post-copy had been asked for, and recorded as done, while the server went on to the other
// host. Nova refuses it.
func TestAbortOfPostCopy(t *testing.T) {
	t.Parallel()
	asked, let := make(chan struct{}), make(chan struct{})
	cloud := cloudtest.Start(t, cloudtest.With(func(o *mockcloud.Options) {
		for _, name := range []string{"one", "two"} {
			simulated, err := sim.New(sim.Options{Clock: clock.Wall()})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = simulated.Close() })
			spec := mockcloud.SimulatedHost(name, simulated)
			spec.Driver = &postCopying{Driver: simulated, asked: asked, let: let}
			o.Hosts = append(o.Hosts, spec)
		}
	}))
	admin := login(t, cloud, "admin")
	id := admin.create(`{"server": {"name": "s", "imageRef": "` + admin.image() + `", "flavorRef": "42", "networks": "auto"}}`)
	if status := admin.settled(id); status != "ACTIVE" {
		t.Fatalf("the server is %s", status)
	}
	server := "/compute/v2.1/servers/" + id
	admin.ask(http.MethodPost, server+"/action", `{"os-migrateLive": {"host": null, "block_migration": "auto"}}`)
	select {
	case <-asked:
	case <-time.After(time.Minute):
		t.Fatal("nothing is migrated")
	}
	_, answer := admin.ask(http.MethodGet, server+"/migrations", "")
	migrations, _ := answer["migrations"].([]any)
	if len(migrations) != 1 {
		t.Fatalf("migrations: %v", answer)
	}
	number := migrations[0].(map[string]any)["id"]
	err := cloud.Compute.AbortMigration(t.Context(), compute.Caller{Admin: true}, id, fmt.Sprint(number), true)
	if compute.KindOf(err) != compute.BadRequest || !strings.Contains(err.Error(), " is running (post-copy). Cannot abort") {
		t.Errorf("AbortMigration = %v", err)
	}
	close(let)
	if err := cloud.Compute.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if status := admin.settled(id); status != "ACTIVE" {
		t.Errorf("the server is %s", status)
	}
	_, answer = admin.ask(http.MethodGet, server+"/os-instance-actions", "")
	if strings.Contains(fmt.Sprint(answer), "live_migration_cancel") {
		t.Errorf("actions: %v", answer)
	}
	_, answer = admin.ask(http.MethodGet, "/compute/v2.1/os-migrations", "")
	if !strings.Contains(fmt.Sprint(answer), "status:completed") {
		t.Errorf("migrations: %v", answer)
	}
}
