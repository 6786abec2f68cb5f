// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// unreadable is a host whose machines run and cannot be read.
type unreadable struct {
	driver.Driver
	why error
}

func (u unreadable) List(ctx context.Context) ([]driver.Status, error) {
	all, err := u.Driver.List(ctx)
	for i := range all {
		all[i].Err = u.why
	}
	return all, err
}

// TestServerOfAnUnreadableMachine: the server's fault says why, and the machine is left alone.
func TestServerOfAnUnreadableMachine(t *testing.T) {
	t.Parallel()
	c := start(t, kept(t))
	inst := c.active(t)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	next := c.unborn()
	next.assemble(t)
	const why = "a newer version of this program wrote it: version 2"
	for i := range next.config.Hosts {
		next.config.Hosts[i].Driver = unreadable{next.config.Hosts[i].Driver, errors.New(why)}
	}
	m, err := compute.New(next.config)
	if err != nil {
		t.Fatal(err)
	}
	next.Manager = m
	t.Cleanup(func() { _ = m.Close() })
	if err := m.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	next.settle(t)
	next.want(t, inst.ID, compute.Error, compute.NoTask, compute.PowerRunning)
	if fault := next.get(t, inst.ID).Fault; fault == nil || !strings.Contains(fault.Details+fault.Message, why) {
		t.Errorf("fault %+v", fault)
	}
	found, err := next.hosts[0].List(t.Context())
	if err != nil || len(found) != 1 || found[0].State != driver.Running {
		t.Errorf("machines %+v, %v", found, err)
	}
}
