// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"maps"
	"slices"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// What a Cinder tells of itself.

func (s *Service) infoRoutes() []api.Route {
	return []api.Route{
		api.Get("/os-availability-zone", "availabilityZoneInfo", listZones),
		api.Get("/extensions", "extensions", listExtensions),
		api.Get("/extensions/{alias}", "extension", showExtension),
		api.Get("/resource_filters", "resource_filters", listFilters).Only("3.33-"),
		api.Get("/scheduler-stats/get_pools", "pools", s.listPools).Policy("scheduler_extension:scheduler_stats:get_pools"),
		api.Get("/capabilities/{host}", "", showCapabilities).Policy("volume_extension:capabilities"),
	}
}

type zoneView struct {
	Name  string          `json:"zoneName"`
	State map[string]bool `json:"zoneState"`
}

func listZones(*api.Call) ([]zoneView, error) {
	return []zoneView{{zone, map[string]bool{"available": true}}}, nil
}

// extension is an entry of the list of extensions, which has said nothing new for long.
type extension struct {
	Name        string     `json:"name"`
	Alias       string     `json:"alias"`
	Description string     `json:"description"`
	Updated     string     `json:"updated"`
	Links       []api.Link `json:"links"`
}

func allExtensions() []extension {
	var all []extension
	for _, e := range []struct{ name, alias, description, updated string }{
		{"AdminActions", "os-admin-actions", "Enable admin actions.", "2012-08-25T00:00:00+00:00"},
		{"AvailabilityZones", "os-availability-zone", "Describe Availability Zones.", "2013-06-27T00:00:00+00:00"},
		{"Capabilities", "capabilities", "Capabilities support.", "2015-08-31T00:00:00+00:00"},
		{"ExtendedServices", "os-extended-services", "Extended services support.", "2014-01-10T00:00:00-00:00"},
		{"ExtendedSnapshotAttributes", "os-extended-snapshot-attributes", "Extended SnapshotAttributes support.", "2012-06-19T00:00:00+00:00"},
		{"Hosts", "os-hosts", "Admin-only host administration.", "2011-06-29T00:00:00+00:00"},
		{"Qos_specs_manage", "qos-specs", "QoS specs support.", "2013-08-02T00:00:00+00:00"},
		{"QuotaClasses", "os-quota-class-sets", "Quota classes management support.", "2012-03-12T00:00:00+00:00"},
		{"Quotas", "os-quota-sets", "Quota management support.", "2011-08-08T00:00:00+00:00"},
		{"SchedulerHints", "OS-SCH-HNT", "Pass arbitrary key/value pairs to the scheduler.", "2013-04-18T00:00:00+00:00"},
		{"Scheduler_stats", "scheduler-stats", "Scheduler stats support.", "2014-09-07T00:00:00+00:00"},
		{"Services", "os-services", "Services support.", "2012-10-28T00:00:00-00:00"},
		{"SnapshotActions", "os-snapshot-actions", "Enable snapshot manager actions.", "2013-07-16T00:00:00+00:00"},
		{"TypesExtraSpecs", "os-types-extra-specs", "Type extra specs support.", "2011-08-24T00:00:00+00:00"},
		{"TypesManage", "os-types-manage", "Types manage support.", "2011-08-24T00:00:00+00:00"},
		{"UsedLimits", "os-used-limits", "Provide data on limited resources that are being used.", "2013-10-03T00:00:00+00:00"},
		{"VolumeActions", "os-volume-actions", "Enable volume actions.", "2012-05-31T00:00:00+00:00"},
		{"VolumeEncryptionMetadata", "os-volume-encryption-metadata", "Volume encryption metadata retrieval support.", "2013-07-10T00:00:00+00:00"},
		{"VolumeHostAttribute", "os-vol-host-attr", "Expose host as an attribute of a volume.", "2011-11-03T00:00:00+00:00"},
		{"VolumeImageMetadata", "os-vol-image-meta", "Show image metadata associated with the volume.", "2012-12-07T00:00:00+00:00"},
		{"VolumeMigStatusAttribute", "os-vol-mig-status-attr", "Expose migration_status as an attribute of a volume.", "2013-08-08T00:00:00+00:00"},
		{"VolumeTenantAttribute", "os-vol-tenant-attr", "Expose the internal project_id as an attribute of a volume.", "2011-11-03T00:00:00+00:00"},
		{"VolumeTransfer", "os-volume-transfer", "Volume transfer management support.", "2013-05-29T00:00:00+00:00"},
		{"VolumeTypeAccess", "os-volume-type-access", "Volume type access support.", "2014-06-26T00:00:00Z"},
		{"VolumeTypeEncryption", "encryption", "Encryption support for volume types.", "2013-07-01T00:00:00+00:00"},
	} {
		all = append(all, extension{e.name, e.alias, e.description, e.updated, []api.Link{}})
	}
	return all
}

func listExtensions(*api.Call) ([]extension, error) { return allExtensions(), nil }

func showExtension(c *api.Call) (extension, error) {
	for _, e := range allExtensions() {
		if e.Alias == c.Var("alias") {
			return e, nil
		}
	}
	return extension{}, notFound.of("The resource could not be found.")
}

type resourceFilters struct {
	Resource string   `json:"resource"`
	Filters  []string `json:"filters"`
}

func listFilters(c *api.Call) ([]resourceFilters, error) {
	all := map[string][]string{
		"volume": volumeFilters, "snapshot": snapshotFilters, "attachment": attachmentFilters,
		"pool": {"name", "volume_type"}, "volume_type": {"is_public", "extra_specs"},
	}
	asked := c.Request.URL.Query().Get("resource")
	list := []resourceFilters{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if asked == "" || asked == name {
			list = append(list, resourceFilters{name, all[name]})
		}
	}
	return list, nil
}

const (
	vendor   = "Open Source" // these two are what clients know of Cinder's reference backend
	protocol = "iSCSI"
	driver   = "1.0"
)

// capabilities are what the extra specs of a type may demand of a backend.
var capabilities = map[string]string{"vendor_name": vendor, "storage_protocol": protocol, "volume_backend_name": "files"}

// poolView is a pool of storage; only an operator who asks for details sees the capabilities.
type poolView struct {
	Name         string                  `json:"name"`
	Capabilities api.Opt[map[string]any] `json:"capabilities,omitempty"`
}

func (s *Service) listPools(c *api.Call) ([]poolView, error) {
	asked := c.Request.URL.Query()
	view := poolView{Name: pool}
	if name := asked.Get("name"); name != "" && name != pool && c.Since(filtersPools) {
		return []poolView{}, nil
	}
	if !slices.Contains([]string{"true", "1", "t", "yes", "on", "y"}, strings.ToLower(asked.Get("detail"))) {
		return []poolView{view}, nil
	}
	return reading(s, c, func(o *op) ([]poolView, error) {
		volumes, err := volumeTable.All(o.tx)
		provisioned := 0
		for _, v := range volumes {
			provisioned += v.Size
		}
		view.Capabilities = api.Some(map[string]any{
			"volume_backend_name": "files", "vendor_name": vendor, "driver_version": driver, "storage_protocol": protocol,
			"total_capacity_gb": "unknown", "free_capacity_gb": "unknown", "provisioned_capacity_gb": provisioned,
			"total_volumes": len(volumes), "reserved_percentage": 0, "QoS_support": false, "multiattach": true,
			"thin_provisioning_support": true, "thick_provisioning_support": false, "max_over_subscription_ratio": "20.0",
			"location_info": "files:" + host, "backend_state": "up", "timestamp": api.Micros{Time: o.now},
		})
		return []poolView{view}, err
	})
}

func showCapabilities(c *api.Call) (map[string]any, error) {
	if at := c.Var("host"); at != backend && at != pool {
		return nil, notFound.of("Can't find service: " + at)
	}
	return map[string]any{
		"namespace": "OS::Storage::Capabilities::" + backend, "vendor_name": vendor, "volume_backend_name": "files",
		"pool_name": nil, "driver_version": driver, "storage_protocol": protocol, "display_name": nil, "description": nil,
		"visibility": nil, "replication_targets": []any{},
		"properties": map[string]any{
			"thin_provisioning": map[string]string{
				"title": "Thin Provisioning", "description": "Sets thin provisioning.", "type": "boolean",
			},
		},
	}, nil
}
