// SPDX-License-Identifier: MPL-2.0

package cinder

import "github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"

// Newest is the newest microversion served: 3.71, of Cinder 2023.2 and all that came since.
const Newest api.Version = 71

// What changed beyond the shapes and codes that tags and routes tell.
const (
	strictBooleans   api.Version = 2  // in the filter bootable; before, every word but false was true
	filtersGlance    api.Version = 4  // by glance_metadata
	filtersGroups    api.Version = 10 // by group_id
	tagsMetadata     api.Version = 15 // ETag of a volume's metadata, If-Match
	filtersSnapshots api.Version = 22 // by metadata
	forcesDelete     api.Version = 23
	filtersPools     api.Version = 28 // by name
	refusesFilters   api.Version = 31 // unknown ones; before, they were passed over
	filtersLike      api.Version = 34 // name~=part
	limitsOfOthers   api.Version = 39 // administrators may ask for a project's limits
	attachments      api.Version = 27
	extendsInUse     api.Version = 42
	counts           api.Version = 45 // with_count
	bootsSnapshots   api.Version = 46 // of an image that is but a reference to a volume's snapshot
	filtersTypes     api.Version = 52 // by extra_specs
	pagesTransfers   api.Version = 59
	comparesTimes    api.Version = 60 // created_at=gt:…
	filtersUse       api.Version = 65 // by consumes_quota
	snapshotsInUse   api.Version = 66 // without force
)

// handled are the versions above, for the guard test.
var handled = []api.Version{
	strictBooleans, filtersGlance, filtersGroups, filtersPools, bootsSnapshots, tagsMetadata, filtersSnapshots, forcesDelete, attachments, refusesFilters, filtersLike,
	limitsOfOthers, extendsInUse, counts, filtersTypes, pagesTransfers, comparesTimes, filtersUse, snapshotsInUse,
}

// elsewhere are the versions that change nothing of what is served, and what they change.
var elsewhere = map[api.Version]string{
	5:  "pages of messages: they are paged at every version",
	6:  "consistency groups with empty names",
	8:  "volumes and snapshots that come under management",
	9:  "change of backups",
	11: "group types",
	16: "migration to a cluster",
	17: "manageable volumes of a cluster",
	18: "the project of a backup",
	19: "reset of a group snapshot's status",
	20: "reset of a group's status",
	24: "clean-up after workers: whoever opens the store does it",
	25: "the volumes of a group",
	26: "failover of a cluster",
	29: "pages of group snapshots",
	30: "snapshots sorted by name: they are at every version",
	32: "the log levels of services",
	35: "pools by volume type: there is one pool",
	37: "backups sorted by name",
	38: "replication of groups",
	43: "metadata of backups",
	50: "multiattach: types say so at every version",
	51: "the zone of a backup",
	56: "the user of a backup",
	58: "the project of a group",
	64: "encryption_key_id: without a key manager there are no keys",
	67: "no project in URLs: it is optional at every version",
	69: "shared_targets may be null: here it is always false",
	70: "transfers of encrypted volumes: without keys they are like others",
	71: "os-extend_volume_completion: no backend here needs Nova to extend a file",
}
