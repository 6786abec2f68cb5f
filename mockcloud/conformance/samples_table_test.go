// SPDX-License-Identifier: MPL-2.0

package conformance

import "slices"

// sample is an exchange of Nova's documentation: files of a collection, at each microversion that has them.
type sample struct {
	collection, op  string
	request, answer string // "" for no body
	// how is the query; or the path's variables until 2.52, where they are not those of the walk: "of=disable"; or the
	// walk whose scene it is: "in=rescued".
	how string
}

func samples() []sample {
	return slices.Concat(documentSamples(), serverSamples(), actionSamples(), deviceSamples(), hostSamples(), proxySamples(), legacyCellSamples(), legacyNetworkSamples(), legacyAddressSamples())
}

// excused are the files that are not replayed, and why; a name that ends in "/" is a whole collection.
var excused = map[string]string{
	"versions/versions-get-resp.json":                         "above all versions, and so no operation of the contract; tests of package nova hold it",
	"os-server-shares/server-shares-delete-req.json":          "a body that nobody reads",
	"os-virtual-interfaces/vifs-list-resp-v2.json":            "of the legacy API: tests of package nova hold it",
	"os-remote-consoles/create-mks-console-req.json":          "VMware's console: no host here has it",
	"os-remote-consoles/create-mks-console-resp.json":         "as above",
	"os-quota-sets-noop/":                                     "the quotas of another driver of Nova's",
	"servers/server-get-down-cell-resp.json":                  "one process has no cells that could be down",
	"extension-info/extensions-list-resp-v21-compatible.json": "a shorter list of the same shape",
}

// refused are the versions of requests that Nova itself refuses, by its own schemas.
var refused = map[string][]int{
	"servers/server-create-req.json":     {90, 94}, // personality is gone since 2.57
	"os-keypairs/keypairs-post-req.json": {92},     // a public key is needed
}

// anyShape are the versions of answers whose shape is whatever the driver tells.
var anyShape = map[string][]int{"os-server-diagnostics/server-diagnostics-get-resp.json": {1}}

func documentSamples() []sample {
	return []sample{
		{"versions", "GET /versions/{id}", "", "v21-version-get-resp.json", ""},
		{"versions", "GET /versions/{id}", "", "v2-version-get-resp.json", "of=v2.0"},
		{"extension-info", "GET /extensions", "", "extensions-list-resp.json", ""},
		{"extension-info", "GET /extensions/{id}", "", "extensions-get-resp.json", ""},
		{"limits", "GET /limits", "", "limit-get-resp.json", ""},
		{"os-availability-zone", "GET /os-availability-zone", "", "availability-zone-list-resp.json", ""},
		{"os-availability-zone", "GET /os-availability-zone/detail", "", "availability-zone-detail-resp.json", ""},
		{"flavors", "GET /flavors/{id}", "", "flavor-get-resp.json", ""},
		{"flavors", "GET /flavors/detail", "", "flavors-detail-resp.json", ""},
		{"flavors", "GET /flavors", "", "flavors-list-resp.json", ""},
		{"flavor-manage", "POST /flavors", "flavor-create-post-req.json", "flavor-create-post-resp.json", ""},
		{"flavor-manage", "PUT /flavors/{id}", "flavor-update-req.json", "flavor-update-resp.json", ""},
		{"flavor-access", "POST /flavors", "flavor-create-req.json", "", ""},
		{"flavor-access", "POST /flavors/{id}/action addTenantAccess", "flavor-access-add-tenant-req.json", "flavor-access-add-tenant-resp.json", ""},
		{"flavor-access", "GET /flavors/{flavor_id}/os-flavor-access", "", "flavor-access-list-resp.json", ""},
		{"flavor-access", "POST /flavors/{id}/action removeTenantAccess", "flavor-access-remove-tenant-req.json", "flavor-access-remove-tenant-resp.json", ""},
		{"flavor-extra-specs", "POST /flavors/{flavor_id}/os-extra_specs", "flavor-extra-specs-create-req.json", "flavor-extra-specs-create-resp.json", ""},
		{"flavor-extra-specs", "GET /flavors/{flavor_id}/os-extra_specs", "", "flavor-extra-specs-list-resp.json", ""},
		{"flavor-extra-specs", "GET /flavors/{flavor_id}/os-extra_specs/{id}", "", "flavor-extra-specs-get-resp.json", ""},
		{"flavor-extra-specs", "PUT /flavors/{flavor_id}/os-extra_specs/{id}", "flavor-extra-specs-update-req.json", "flavor-extra-specs-update-resp.json", ""},
		{"os-keypairs", "GET /os-keypairs/{id}", "", "keypairs-get-resp.json", ""},
		{"os-keypairs", "GET /os-keypairs", "", "keypairs-list-resp.json", "limit=1"},
		{"os-keypairs", "GET /os-keypairs", "", "keypairs-list-user1-resp.json", "limit=1&user_id=$user"},
		{"os-keypairs", "GET /os-keypairs", "", "keypairs-list-user2-resp.json", "limit=1&user_id=$user"},
		{"os-keypairs", "POST /os-keypairs", "keypairs-import-post-req.json", "keypairs-import-post-resp.json", ""},
		{"os-keypairs", "POST /os-keypairs", "keypairs-post-req.json", "keypairs-post-resp.json", ""},
		{"os-quota-class-sets", "GET /os-quota-class-sets/{id}", "", "quota-classes-show-get-resp.json", ""},
		{"os-quota-class-sets", "PUT /os-quota-class-sets/{id}", "quota-classes-update-post-req.json", "quota-classes-update-post-resp.json", ""},
		{"os-quota-sets", "GET /os-quota-sets/{id}", "", "quotas-show-get-resp.json", ""},
		{"os-quota-sets", "GET /os-quota-sets/{id}", "", "user-quotas-show-get-resp.json", "user_id=$user"},
		{"os-quota-sets", "GET /os-quota-sets/{id}/defaults", "", "quotas-show-defaults-get-resp.json", ""},
		{"os-quota-sets", "GET /os-quota-sets/{id}/detail", "", "quotas-show-detail-get-resp.json", ""},
		{"os-quota-sets", "PUT /os-quota-sets/{id}", "quotas-update-post-req.json", "quotas-update-post-resp.json", ""},
		{"os-quota-sets", "PUT /os-quota-sets/{id}", "quotas-update-force-post-req.json", "quotas-update-force-post-resp.json", ""},
		{"os-quota-sets", "PUT /os-quota-sets/{id}", "user-quotas-update-post-req.json", "user-quotas-update-post-resp.json", "user_id=$user"},
		{"os-instance-usage-audit-log", "GET /os-instance_usage_audit_log", "", "inst-usage-audit-log-index-get-resp.json", ""},
		{"os-instance-usage-audit-log", "GET /os-instance_usage_audit_log/{id}", "", "inst-usage-audit-log-show-get-resp.json", ""},
		{"os-simple-tenant-usage", "GET /os-simple-tenant-usage", "", "simple-tenant-usage-get.json", "start=2026-01-01T00:00:00"},
		{"os-simple-tenant-usage", "GET /os-simple-tenant-usage", "", "simple-tenant-usage-get-all.json", "start=2026-01-01T00:00:00&detailed=1"},
		{"os-simple-tenant-usage", "GET /os-simple-tenant-usage", "", "simple-tenant-usage-get-detail.json", "start=2026-01-01T00:00:00&detailed=1"},
		{"os-simple-tenant-usage", "GET /os-simple-tenant-usage/{id}", "", "simple-tenant-usage-get-specific.json", "start=2026-01-01T00:00:00"},
		{"os-server-groups", "GET /os-server-groups", "", "server-groups-list-resp.json", ""},
		{"os-server-groups", "GET /os-server-groups/{id}", "", "server-groups-get-resp.json", ""},
		{"os-server-groups", "POST /os-server-groups", "server-groups-post-req.json", "server-groups-post-resp.json", ""},
		{"servers", "POST /os-server-groups", "server-groups-post-req.json", "server-groups-post-resp.json", ""},
	}
}

func serverSamples() []sample {
	const instanceActions, metadata = "GET /servers/{server_id}/os-instance-actions", "/servers/{server_id}/metadata"
	return []sample{
		{"servers", "POST /servers", "server-create-req.json", "server-create-resp.json", ""},
		{"servers", "POST /servers", "server-create-req-v237.json", "", ""},
		{"servers", "POST /servers", "server-create-req-v257.json", "", ""},
		{"servers", "POST /servers", "server-create-req-with-host-and-node.json", "server-create-resp.json", ""},
		{"servers", "POST /servers", "server-create-req-with-only-host.json", "server-create-resp.json", ""},
		{"servers", "POST /servers", "server-create-req-with-only-node.json", "server-create-resp.json", ""},
		{"servers", "GET /servers/{id}", "", "server-get-resp.json", ""},
		{"servers", "PUT /servers/{id}", "server-update-req.json", "server-update-resp.json", ""},
		{"servers", "PUT /servers/{id}", "server-put-req.json", "server-put-resp.json", ""},
		{"servers", "GET /servers/detail", "", "servers-details-resp.json", "limit=1&uuid=$server"},
		{"servers", "GET /servers", "", "servers-list-resp.json", "limit=1"},
		{"servers", "GET /servers", "", "servers-list-status-resp.json", "status=active&limit=1"},
		{"servers", "GET /servers", "", "servers-list-with-changes-before.json", "limit=1&changes-before=2100-01-01T00:00:00Z"},
		{"servers", "GET /servers/detail", "", "servers-details-with-changes-before.json", "limit=1&uuid=$server&changes-before=2100-01-01T00:00:00Z"},
		{"servers-sort", "GET /servers", "", "server-sort-keys-list-resp.json", "sort_key=display_name&sort_dir=asc"},
		{"os-multiple-create", "POST /servers", "multiple-create-no-resv-post-req.json", "multiple-create-no-resv-post-resp.json", ""},
		{"os-multiple-create", "POST /servers", "multiple-create-post-req.json", "multiple-create-post-resp.json", ""},
		{"server-metadata", "POST " + metadata, "server-metadata-all-req.json", "server-metadata-all-resp.json", ""},
		{"server-metadata", "PUT " + metadata, "server-metadata-all-req.json", "server-metadata-all-resp.json", ""},
		{"server-metadata", "GET " + metadata, "", "server-metadata-all-resp.json", ""},
		{"server-metadata", "PUT " + metadata + "/{id}", "server-metadata-req.json", "server-metadata-resp.json", ""},
		{"server-metadata", "GET " + metadata + "/{id}", "", "server-metadata-resp.json", ""},
		{"server-ips", "GET /servers/{server_id}/ips", "", "server-ips-resp.json", ""},
		{"server-ips", "GET /servers/{server_id}/ips/{id}", "", "server-ips-network-resp.json", ""},
		{"os-server-tags", "GET /servers/{server_id}/tags", "", "server-tags-index-resp.json", ""},
		{"os-server-tags", "PUT /servers/{server_id}/tags", "server-tags-put-all-req.json", "server-tags-put-all-resp.json", ""},
		{"os-server-tags", "GET /servers/{id}", "", "server-tags-show-details-resp.json", ""},
		{"os-server-tags", "GET /servers/detail", "", "servers-tags-details-resp.json", "limit=1&uuid=$server"},
		{"os-server-topology", "GET /servers/{server_id}/topology", "", "servers-topology-resp.json", ""},
		{"os-server-topology", "GET /servers/{server_id}/topology", "", "servers-topology-resp-user.json", ""},
		{"os-server-diagnostics", "GET /servers/{server_id}/diagnostics", "", "server-diagnostics-get-resp.json", ""},
		{"os-server-password", "GET /servers/{server_id}/os-server-password", "", "get-password-resp.json", ""},
		{"os-server-external-events", "POST /os-server-external-events", "event-create-req.json", "event-create-resp.json", ""},
		{"os-security-groups", "GET /servers/{server_id}/os-security-groups", "", "server-security-groups-list-resp.json", ""},
		{"os-instance-actions", instanceActions, "", "instance-actions-list-resp.json", ""},
		{"os-instance-actions", instanceActions, "", "instance-actions-list-with-limit-resp.json", "limit=1"},
		{"os-instance-actions", instanceActions, "", "instance-actions-list-with-marker-resp.json", "marker=$request"},
		{"os-instance-actions", instanceActions, "", "instance-actions-list-with-changes-since.json", "changes-since=2001-01-01T00:00:00Z"},
		{"os-instance-actions", instanceActions, "", "instance-actions-list-with-changes-before.json", "changes-before=2100-01-01T00:00:00Z"},
		{"os-instance-actions", instanceActions + "/{id}", "", "instance-action-get-resp.json", ""},
		{"os-instance-actions", instanceActions + "/{id}", "", "instance-action-get-non-admin-resp.json", ""},
		{"os-rescue", "GET /servers/{id}", "", "server-get-resp-rescue.json", "in=rescued"},
		{"os-rescue", "GET /servers/{id}", "", "server-get-resp-unrescue.json", ""},
	}
}

func actionSamples() []sample {
	return []sample{
		{"servers", act + "os-stop", "server-action-stop.json", "", ""},
		{"servers", act + "os-start", "server-action-start.json", "", ""},
		{"servers", act + "reboot", "server-action-reboot.json", "", ""},
		{"servers", act + "rebuild", "server-action-rebuild.json", "server-action-rebuild-resp.json", ""},
		{"os-preserve-ephemeral-rebuild", act + "rebuild", "server-action-rebuild-preserve-ephemeral.json", "server-action-rebuild-preserve-ephemeral-resp.json", ""},
		{"servers", act + "resize", "server-action-resize.json", "", ""},
		{"servers", act + "confirmResize", "server-action-confirm-resize.json", "", ""},
		{"servers", act + "revertResize", "server-action-revert-resize.json", "", ""},
		{"servers", act + "createImage", "server-action-create-image.json", "server-action-create-image-resp.json", ""},
		{"servers", act + "trigger_crash_dump", "server-action-trigger-crash-dump.json", "", ""},
		{"servers", act + "addFloatingIp", "server-action-addfloatingip-req.json", "", ""},
		{"servers", act + "removeFloatingIp", "server-action-removefloatingip-req.json", "", ""},
		{"servers", act + "lock", "lock-server-with-reason.json", "", ""},
		{"os-lock-server", act + "lock", "lock-server.json", "", ""},
		{"os-lock-server", act + "lock", "lock-server-with-reason.json", "", ""},
		{"os-lock-server", act + "unlock", "unlock-server.json", "", ""},
		{"os-console-output", act + "os-getConsoleOutput", "console-output-post-req.json", "console-output-post-resp.json", ""},
		{"os-create-backup", act + "createBackup", "create-backup-req.json", "create-backup-resp.json", ""},
		{"os-deferred-delete", act + "forceDelete", "force-delete-post-req.json", "", ""},
		{"os-deferred-delete", act + "restore", "restore-post-req.json", "", ""},
		{"os-admin-actions", act + "injectNetworkInfo", "admin-actions-inject-network-info.json", "", ""},
		{"os-admin-actions", act + "os-resetState", "admin-actions-reset-server-state.json", "", ""},
		{"os-admin-password", act + "changePassword", "admin-password-change-password.json", "", ""},
		{"os-pause-server", act + "pause", "pause-server.json", "", ""},
		{"os-pause-server", act + "unpause", "unpause-server.json", "", ""},
		{"os-suspend-server", act + "suspend", "server-suspend.json", "", ""},
		{"os-suspend-server", act + "resume", "server-resume.json", "", ""},
		{"os-rescue", act + "rescue", "server-rescue-req.json", "server-rescue.json", ""},
		{"os-rescue", act + "rescue", "server-rescue-req-with-image-ref.json", "server-rescue.json", ""},
		{"os-rescue", act + "unrescue", "server-unrescue-req.json", "", ""},
		{"os-shelve", act + "shelve", "os-shelve.json", "", ""},
		{"os-shelve", act + "shelveOffload", "os-shelve-offload.json", "", ""},
		{"os-shelve", act + "unshelve", "os-unshelve.json", "", ""},
		{"os-shelve", act + "unshelve", "os-unshelve-az.json", "", "in=offloaded"},
		{"os-shelve", act + "unshelve", "os-unshelve-az-host.json", "", "in=offloaded"},
		{"os-shelve", act + "unshelve", "os-unshelve-host.json", "", "in=offloaded"},
		{"os-shelve", act + "unshelve", "os-unshelve-host-and-unpin-az.json", "", "in=offloaded"},
		{"os-shelve", act + "unshelve", "os-unshelve-unpin-az.json", "", "in=offloaded"},
		{"os-multinic", act + "addFixedIp", "multinic-add-fixed-ip-req.json", "", ""},
		{"os-multinic", act + "removeFixedIp", "multinic-remove-fixed-ip-req.json", "", ""},
		{"os-security-groups", act + "addSecurityGroup", "security-group-add-post-req.json", "", ""},
		{"os-security-groups", act + "removeSecurityGroup", "security-group-remove-post-req.json", "", ""},
		{"os-migrate-server", act + "migrate", "migrate-server.json", "", ""},
		{"os-migrate-server", act + "migrate", "migrate-server-null.json", "", ""},
		{"os-migrate-server", act + "os-migrateLive", "live-migrate-server.json", "", ""},
		{"server-migrations", act + "os-migrateLive", "live-migrate-server.json", "", ""},
		{"server-migrations", "GET /servers/{server_id}/migrations", "", "migrations-index.json", ""},
		{"server-migrations", "GET /servers/{server_id}/migrations/{id}", "", "migrations-get.json", ""},
		{"server-migrations", "POST /servers/{server_id}/migrations/{id}/action force_complete", "force_complete.json", "", ""},
		{"os-evacuate", act + "evacuate", "server-evacuate-req.json", "server-evacuate-resp.json", ""},
		{"os-evacuate", act + "evacuate", "server-evacuate-find-host-req.json", "server-evacuate-find-host-resp.json", ""},
		{"os-remote-consoles", act + "os-getVNCConsole", "get-vnc-console-post-req.json", "get-vnc-console-post-resp.json", ""},
		{"os-remote-consoles", act + "os-getSPICEConsole", "get-spice-console-post-req.json", "get-spice-console-post-resp.json", ""},
		{"os-remote-consoles", act + "os-getSerialConsole", "get-serial-console-post-req.json", "get-serial-console-post-resp.json", ""},
		{"os-remote-consoles", "POST /servers/{server_id}/remote-consoles", "create-vnc-console-req.json", "create-vnc-console-resp.json", ""},
		{"os-remote-consoles", "POST /servers/{server_id}/remote-consoles", "create-spice-direct-console-req.json", "create-spice-direct-console-resp.json", ""},
		{"os-console-auth-tokens", "POST /servers/{server_id}/remote-consoles", "create-serial-console-req.json", "", ""},
		{"os-console-auth-tokens", "POST /servers/{server_id}/remote-consoles", "create-spice-direct-console-req.json", "", ""},
		{"os-console-auth-tokens", "GET /os-console-auth-tokens/{id}", "", "get-console-connect-info-get-resp.json", ""},
	}
}

func deviceSamples() []sample {
	const interfaces, attachments, shares = "/servers/{server_id}/os-interface", "/servers/{server_id}/os-volume_attachments", "/servers/{server_id}/shares"
	return []sample{
		{"os-attach-interfaces", "POST " + interfaces, "attach-interfaces-create-req.json", "attach-interfaces-create-resp.json", ""},
		{"os-attach-interfaces", "POST " + interfaces, "attach-interfaces-create-net_id-req.json", "attach-interfaces-create-resp.json", ""},
		{"os-attach-interfaces", "GET " + interfaces, "", "attach-interfaces-list-resp.json", ""},
		{"os-attach-interfaces", "GET " + interfaces + "/{id}", "", "attach-interfaces-show-resp.json", ""},
		{"os-volume_attachments", "POST " + attachments, "attach-volume-to-server-req.json", "attach-volume-to-server-resp.json", ""},
		{"os-volume_attachments", "GET " + attachments, "", "list-volume-attachments-resp.json", ""},
		{"os-volume_attachments", "GET " + attachments + "/{id}", "", "volume-attachment-detail-resp.json", ""},
		{"os-volume_attachments", "PUT " + attachments + "/{id}", "update-volume-req.json", "", ""},
		{"os-volume_attachments", "PUT " + attachments + "/{id}", "update-volume-attachment-delete-flag-req.json", "", ""},
		{"os-assisted-volume-snapshots", "POST /os-assisted-volume-snapshots", "snapshot-create-assisted-req.json", "snapshot-create-assisted-resp.json", ""},
		{"os-server-shares", "POST " + shares, "server-shares-create-req.json", "server-shares-admin-create-resp.json", ""},
		{"os-server-shares", "POST " + shares, "server-shares-create-tag-req.json", "server-shares-create-resp.json", ""},
		{"os-server-shares", "GET " + shares, "", "server-shares-list-resp.json", ""},
		{"os-server-shares", "GET " + shares + "/{id}", "", "server-shares-admin-show-resp.json", ""},
		{"os-server-shares", "GET " + shares + "/{id}", "", "server-shares-show-resp.json", ""},
	}
}

func hostSamples() []sample {
	const aggregate = "POST /os-aggregates/{id}/action "
	return []sample{
		{"os-aggregates", "POST /os-aggregates", "aggregate-post-req.json", "aggregate-post-resp.json", ""},
		{"os-aggregates", "GET /os-aggregates", "", "aggregates-list-get-resp.json", ""},
		{"os-aggregates", "GET /os-aggregates/{id}", "", "aggregates-get-resp.json", ""},
		{"os-aggregates", "PUT /os-aggregates/{id}", "aggregate-update-post-req.json", "aggregate-update-post-resp.json", ""},
		{"os-aggregates", aggregate + "add_host", "aggregate-add-host-post-req.json", "aggregates-add-host-post-resp.json", ""},
		{"os-aggregates", aggregate + "remove_host", "aggregate-remove-host-post-req.json", "aggregates-remove-host-post-resp.json", ""},
		{"os-aggregates", aggregate + "set_metadata", "aggregate-metadata-post-req.json", "aggregates-metadata-post-resp.json", ""},
		{"os-aggregates", "POST /os-aggregates/{id}/images", "aggregate-images-post-req.json", "", ""},
		{"os-hosts", "GET /os-hosts", "", "hosts-list-resp.json", ""},
		{"os-hosts", "GET /os-hosts/{id}", "", "host-get-resp.json", ""},
		{"os-hosts", "PUT /os-hosts/{id}", "host-put-maintenance-req.json", "host-put-maintenance-resp.json", ""},
		{"os-hosts", "GET /os-hosts/{id}/reboot", "", "host-get-reboot.json", ""},
		{"os-hosts", "GET /os-hosts/{id}/shutdown", "", "host-get-shutdown.json", ""},
		{"os-hosts", "GET /os-hosts/{id}/startup", "", "host-get-startup.json", ""},
		{"os-hypervisors", "GET /os-hypervisors", "", "hypervisors-list-resp.json", ""},
		{"os-hypervisors", "GET /os-hypervisors/detail", "", "hypervisors-detail-resp.json", ""},
		{"os-hypervisors", "GET /os-hypervisors/detail", "", "hypervisors-detail-with-servers-resp.json", "with_servers=1"},
		{"os-hypervisors", "GET /os-hypervisors/{id}", "", "hypervisors-show-resp.json", ""},
		{"os-hypervisors", "GET /os-hypervisors/{id}", "", "hypervisors-show-with-servers-resp.json", "with_servers=1"},
		{"os-hypervisors", "GET /os-hypervisors/{id}/search", "", "hypervisors-search-resp.json", ""},
		{"os-hypervisors", "GET /os-hypervisors/statistics", "", "hypervisors-statistics-resp.json", ""},
		{"os-hypervisors", "GET /os-hypervisors/{id}/uptime", "", "hypervisors-uptime-resp.json", ""},
		{"os-hypervisors", "GET /os-hypervisors/{id}/servers", "", "hypervisors-with-servers-resp.json", ""},
		{"os-hypervisors", "GET /os-hypervisors/{id}/servers", "", "hypervisors-without-servers-resp.json", "of=$empty"},
		{"os-services", "GET /os-services", "", "services-list-get-resp.json", ""},
		{"os-services", "PUT /os-services/{id}", "service-disable-put-req.json", "service-disable-put-resp.json", "of=disable"},
		{"os-services", "PUT /os-services/{id}", "service-disable-log-put-req.json", "service-disable-log-put-resp.json", "of=disable-log-reason"},
		{"os-services", "PUT /os-services/{id}", "service-enable-put-req.json", "service-enable-put-resp.json", "of=enable"},
		{"os-services", "PUT /os-services/{id}", "service-force-down-put-req.json", "service-force-down-put-resp.json", "of=force-down"},
		{"os-migrations", "GET /os-migrations", "", "migrations-get.json", ""},
		{"os-migrations", "GET /os-migrations", "", "migrations-get-with-changes-before.json", "changes-before=2100-01-01T00:00:00Z"},
		{"os-migrations", "GET /os-migrations", "", "migrations-get-with-changes-since.json", "changes-since=2001-01-01T00:00:00Z"},
		{"os-migrations", "GET /os-migrations", "", "migrations-get-with-limit.json", "limit=1"},
		{"os-migrations", "GET /os-migrations", "", "migrations-get-with-marker.json", "limit=1"},
		{"os-migrations", "GET /os-migrations", "", "migrations-get-with-user-or-project-id.json", "user_id=$user&project_id=$project"},
	}
}

func proxySamples() []sample {
	const metadata = "/images/{image_id}/metadata"
	return []sample{
		{"images", "GET /images", "", "images-list-get-resp.json", ""},
		{"images", "GET /images/detail", "", "images-details-get-resp.json", ""},
		{"images", "GET /images/{id}", "", "image-get-resp.json", ""},
		{"images", "GET " + metadata, "", "image-metadata-get-resp.json", ""},
		{"images", "POST " + metadata, "image-metadata-post-req.json", "image-metadata-post-resp.json", ""},
		{"images", "PUT " + metadata, "image-metadata-put-req.json", "image-metadata-put-resp.json", ""},
		{"images", "GET " + metadata + "/{id}", "", "image-meta-key-get.json", ""},
		{"images", "PUT " + metadata + "/{id}", "image-meta-key-put-req.json", "image-meta-key-put-resp.json", ""},
		{"os-baremetal-nodes", "GET /os-baremetal-nodes", "", "baremetal-node-list-resp.json", ""},
		{"os-baremetal-nodes", "GET /os-baremetal-nodes/{id}", "", "baremetal-node-get-resp.json", ""},
		{"os-networks", "GET /os-networks", "", "networks-list-resp.json", ""},
		{"os-networks", "GET /os-networks/{id}", "", "network-show-resp.json", ""},
		{"os-tenant-networks", "GET /os-tenant-networks", "", "networks-list-res.json", ""},
		{"os-floating-ip-pools", "GET /os-floating-ip-pools", "", "floatingippools-list-resp.json", ""},
		{"os-floating-ips", "POST /os-floating-ips", "floating-ips-create-req.json", "floating-ips-create-resp.json", ""},
		{"os-floating-ips", "GET /os-floating-ips", "", "floating-ips-list-resp.json", ""},
		{"os-floating-ips", "GET /os-floating-ips", "", "floating-ips-list-empty-resp.json", ""},
		{"os-floating-ips", "GET /os-floating-ips/{id}", "", "floating-ips-get-resp.json", ""},
		{"os-security-groups", "POST /os-security-groups", "security-group-post-req.json", "security-groups-create-resp.json", ""},
		{"os-security-groups", "GET /os-security-groups", "", "security-groups-list-get-resp.json", ""},
		{"os-security-groups", "GET /os-security-groups/{id}", "", "security-groups-get-resp.json", ""},
		{"os-security-groups", "POST /os-security-group-rules", "security-group-rules-post-req.json", "security-group-rules-post-resp.json", ""},
		{"os-volumes", "POST /os-volumes", "os-volumes-post-req.json", "os-volumes-post-resp.json", ""},
		{"os-volumes", "GET /os-volumes", "", "os-volumes-index-resp.json", ""},
		{"os-volumes", "GET /os-volumes/detail", "", "os-volumes-detail-resp.json", ""},
		{"os-volumes", "GET /os-volumes/{id}", "", "os-volumes-get-resp.json", ""},
		{"os-snapshots", "POST /os-snapshots", "snapshot-create-req.json", "snapshot-create-resp.json", ""},
		{"os-snapshots", "GET /os-snapshots", "", "snapshots-list-resp.json", ""},
		{"os-snapshots", "GET /os-snapshots/detail", "", "snapshots-detail-resp.json", ""},
		{"os-snapshots", "GET /os-snapshots/{id}", "", "snapshots-show-resp.json", ""},
	}
}
