// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/network"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/neutron"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store/sqlite"
)

// BenchmarkFollowTopology is what each change of Neutron's records costs beside itself, with 200 ports.
func BenchmarkFollowTopology(b *testing.B) {
	records, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "cloud.sqlite"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = records.Close() }()
	fabric, err := network.New(network.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = fabric.Close() }()
	cloud, err := New(b.Context(), Options{Store: records, Fabric: fabric, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = cloud.Close() }()
	cloud.options.Fabric = driver.NoFabric{} // until the ports are there
	networks, err := cloud.Neutron.Topology(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	private := networks.Subnets[0]
	for _, s := range networks.Subnets {
		if s.EnableDHCP {
			private = s
		}
	}
	caller := neutron.Caller{ProjectID: private.ProjectID, Admin: true}
	for range 20 {
		nics := make([]neutron.NIC, 10)
		for i := range nics {
			nics[i].NetworkID = private.NetworkID
		}
		if _, err := cloud.Neutron.Attach(b.Context(), caller, neutron.Device{ID: "server", Owner: "compute:nova", Host: "host"}, nics, nil); err != nil {
			b.Fatal(err)
		}
	}
	cloud.options.Fabric = fabric
	for b.Loop() {
		cloud.followTopology(b.Context())
	}
}
