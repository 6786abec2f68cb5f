// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/fault"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/keystone"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/pace"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store/memory"
)

// Options say what a cloud is made of. The zero value is a whole cloud in memory: two simulated hosts,
// on the wall clock.
type Options struct {
	// Store keeps the records; nil keeps them in memory. The cloud does not close it.
	Store store.Store
	// Clock is the cloud's time; nil is the wall clock.
	Clock clock.Clock
	// Hosts are the compute hosts; nil is two simulated ones, whose machines are gone with the cloud: a
	// Store that outlives it wants hosts that do, too (sim.Options.Dir, or real ones). The cloud closes
	// only the drivers that it made itself.
	Hosts []compute.HostSpec
	// Fabric is the data plane of real guests' networks; nil is none. The cloud does not close it.
	Fabric driver.Fabric
	// FloatingRange is the subnet of the external network that a fresh cloud has; zero is 198.51.100.0/24. With
	// one of loopback addresses a fabric that implements driver.Doors makes floating addresses those of the host.
	FloatingRange netip.Prefix
	// ImageDir is where Glance keeps images' content; "" keeps it in memory.
	ImageDir string
	// VolumeDir is where Cinder keeps volumes' content; "" simulates it, which servers that are simulated
	// do not notice.
	VolumeDir string
	// Shares are the shared file systems that servers can be given (2.97). The cloud has no Manila: they
	// are there from the start, and stay. nil is two that every project may mount, with the ids of Nova's
	// own examples.
	Shares []compute.Share
	// Passwords are set for the users admin and demo, FirstPasswords for who has none there at the first start on a store;
	// who has none in either gets a random one then.
	Passwords, FirstPasswords map[string]string
	// TokenLife is how long tokens are valid; 0 is an hour.
	TokenLife time.Duration
	// Pace is how long what the cloud does takes beyond what it needs, so that clients can see transient
	// states: package pace has it in words ("2s,reboot=5s").
	Pace pace.Pace
	// Quotas are limits in place of Nova's own defaults.
	Quotas map[compute.Resource]int
	// RateLimits are how many requests a user may make of Nova; nil is as many as he likes.
	RateLimits []nova.RateLimit
	// Release is the release of Nova whose API is served, by its name: "kilo" to "2026.1"; "" serves what any had, all at
	// once. The other services are today's.
	Release string
	// VPNImage is the image of the VPN servers that os-cloudpipe makes (Nova: [cloudpipe] vpn_image_id): its id or
	// its name; "" is GuestImage.
	VPNImage string
	// BareMetal are the nodes that Nova's proxy of a bare metal service shows; nil is one.
	BareMetal []nova.BareMetalNode
	// BareMetalChanges has POST and DELETE of /os-baremetal-nodes change the inventory, as with Nova's own bare metal driver
	// before Ironic; without it they are refused, as every Nova since Kilo does.
	BareMetalChanges bool
	// ReclaimInterval is how long a deleted server can be restored (Nova: reclaim_instance_interval); 0 deletes at
	// once.
	ReclaimInterval time.Duration
	// ResizeConfirmWindow is after how long a resize is confirmed by itself (Nova: resize_confirm_window); 0
	// leaves it to the user.
	ResizeConfirmWindow time.Duration
	// ShelvedOffloadTime is how long a shelved server stays on its host (Nova: shelved_offload_time); 0 is not
	// at all, less is for ever.
	ShelvedOffloadTime time.Duration
	// PolicyFile is an oslo.policy file with rules in place of Nova's defaults; "" is none.
	PolicyFile string
	// VendorDataFile is a JSON object that guests find as vendor_data.json (Nova: vendordata_jsonfile_path); "" is an
	// empty one.
	VendorDataFile string
	// DefaultScheduleZone is the availability zone of servers whose request names none; "" is any.
	DefaultScheduleZone string
	// Unlisted are the types of services that a fresh cloud's catalogue leaves out: without "network", clients are left to
	// Nova's proxies, as with a nova-network of old. The services are served all the same.
	Unlisted []string
	// Bare leaves out what a fresh cloud otherwise has besides its users: flavors, an image, networks.
	Bare bool
	// NoImage leaves out the image alone: who runs real machines offers a real one.
	NoImage bool
	// Faults are rules by which requests fail from the start on; see Cloud.Faults.
	Faults []fault.Rule
	// Log receives what an operator should know; nil discards it.
	Log *slog.Logger
}

// hostCount is how many compute hosts a cloud has by default.
const hostCount = 2

// completed fills in the defaults; own are the drivers that were made for it.
func (o Options) completed() (Options, []driver.Driver, error) {
	if o.Store == nil {
		o.Store = memory.New()
	}
	if o.Clock == nil {
		o.Clock = clock.Wall()
	}
	if o.Shares == nil {
		o.Shares = demoShares()
	}
	if o.Fabric == nil {
		o.Fabric = driver.NoFabric{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.BareMetal == nil {
		o.BareMetal = bareMetal()
	}
	var own []driver.Driver
	if o.Hosts == nil {
		for n := range hostCount {
			d, err := sim.New(sim.Options{Clock: o.Clock})
			if err != nil {
				return o, own, err
			}
			own = append(own, d)
			o.Hosts = append(o.Hosts, SimulatedHost(fmt.Sprintf("compute-%d", n+1), d))
		}
	}
	return o, own, nil
}

// catalog is what Keystone lists of a fresh cloud; moved is where that is now which a start with another release may have
// listed.
func (o Options) catalog() (all []keystone.CatalogEntry, moved map[string]string, err error) {
	all = keystone.DefaultCatalog()
	release, err := nova.FindRelease(o.Release)
	if err != nil {
		return nil, nil, fmt.Errorf("the option Release: %w", err)
	}
	at := slices.IndexFunc(all, func(e keystone.CatalogEntry) bool { return e.Type == "compute" })
	short, long := all[at].Path, all[at].Path+"/$(project_id)s"
	moved = map[string]string{long: short}
	if release.NeedsProject() {
		all[at].Path, moved = long, map[string]string{short: long}
	}
	for _, unlisted := range o.Unlisted {
		rest := slices.DeleteFunc(slices.Clone(all), func(e keystone.CatalogEntry) bool { return e.Type == unlisted })
		if len(rest) == len(all) {
			return nil, nil, fmt.Errorf("the catalogue has no service of type %q to leave out", unlisted)
		}
		all = rest
	}
	return all, moved, nil
}

// bareMetal is the inventory of a cloud whose bare metal service has one node, which runs something.
func bareMetal() []nova.BareMetalNode {
	return []nova.BareMetalNode{{
		ID: "058d27fa-241b-445a-a386-08c04f96db43", ProvisionState: "active", CPUs: "2", MemoryMB: "1024", DiskGB: "10",
		InstanceID: "1ea4e53e-149a-4f02-9515-590c9fb2315a", MACs: []string{"52:54:00:c4:00:01"},
	}}
}
