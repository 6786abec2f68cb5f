// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// crowd is a fabric whose guests answer once so many are asked at a time.
type crowd struct {
	driver.NoFabric

	missing atomic.Int32
	whole   chan struct{}
}

func (f *crowd) Ping(ctx context.Context, _ string) (bool, error) {
	if f.missing.Add(-1) == 0 {
		close(f.whole)
	}
	select {
	case <-f.whole:
		return true, nil
	case <-time.After(time.Minute):
		return false, nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// VPN servers are not waited for one after the other.
func TestCloudpipesArePingedAtOnce(t *testing.T) {
	t.Parallel()
	fabric := &crowd{whole: make(chan struct{})}
	cloud := start(t, cloudtest.With(func(o *mockcloud.Options) { o.Fabric = fabric }))
	const servers = 3
	fabric.missing.Store(servers)
	for i := range servers {
		project := fmt.Sprintf("p%d", i)
		cloud.member(t, project, "member")
		u := cloud.adminOf(t, project)
		u.makeOwnNetwork(t, fmt.Sprintf("10.8.%d.0/24", i))
		u.settled(t, u.cloudpipe(t, ""))
		got := u.nova(t, 1, http.MethodPut, "/os-cloudpipe/configure-project", object{"configure_project": object{"vpn_ip": "192.0.2.1", "vpn_port": 2000 + i}})
		same(t, "configured", got.status, http.StatusAccepted)
	}
	pipes := cloud.admin.cloudpipes(t)
	same(t, "servers", len(pipes), servers)
	for _, pipe := range pipes {
		same(t, "state", pipe["state"], any("running"))
	}
}

// makeOwnNetwork makes a network of the user's project.
func (u *user) makeOwnNetwork(t *testing.T, cidr string) {
	t.Helper()
	u.nova(t, 1, http.MethodPost, "/os-tenant-networks", object{"network": object{"label": "own", "cidr": cidr}}).object(t, http.StatusOK)
}
