// SPDX-License-Identifier: MPL-2.0

package nova

import "github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"

// Newest is the newest microversion served: 2.104, of August 2026.
const Newest api.Version = 104

// What changed beyond the shapes and codes that tags and routes tell: the minor versions that handlers ask
// for.
const (
	filterByIP6         api.Version = 5 // everybody may
	accessOfPrivateOnly api.Version = 7 // a public flavor's access list cannot be added to
	forcesDown          api.Version = 11
	showsHostStatus     api.Version = 16 // to whom policy lets see it
	describedByUser     api.Version = 19 // before, the name was the description
	volumesOfShelved    api.Version = 20 // may be attached and detached
	actionsOfDeleted    api.Version = 21 // os-instance-actions finds deleted servers
	filterByTags        api.Version = 26
	pagesHypervisors    api.Version = 33
	pagesKeypairs       api.Version = 35
	refusesBadStatus    api.Version = 38 // as a filter; before, it found nothing
	pagesUsages         api.Version = 40
	eventsForAll        api.Version = 51 // without the traceback
	hostsByUUID         api.Version = 53 // services and hypervisors
	attachesToSeveral   api.Version = 60 // volumes
	showsStubs          api.Version = 69 // of servers of a cell that is down
	filterByLocked      api.Version = 73
	updatesAnswerWhole  api.Version = 75 // PUT /servers/{id} like GET
	alwaysListsServers  api.Version = 75 // of a hypervisor, if asked for
	filtersForAll       api.Version = 83
	answersImageID      api.Version = 45 // of createImage and createBackup, in place of a Location
	rescuesVolumes      api.Version = 87
	reimagesVolumes     api.Version = 93
	anyImageMetadata    api.Version = 39 // no quota of createImage and createBackup
	anyConsoleToken     api.Version = 31 // before, only RDP's
	changesAttachments  api.Version = 85 // of volumes: delete_on_termination
	checksExtraSpecs    api.Version = 86
	uptimeInHypervisor  api.Version = 88
	hostnameForAll      api.Version = 90
	asksScheduler       api.Version = 30 // os-migrateLive: about a host that was named, unless forced
	migratesLater       api.Version = 34 // os-migrateLive: the checks come after the answer
	pagesMigrations     api.Version = 59
	abortsQueued        api.Version = 65 // migrations
	forcesEvacuation    api.Version = 29 // before, a host that was named was not checked
	evacuatesToStopped  api.Version = 95
)

// handled are the versions above, for the guard test.
var handled = []api.Version{
	filterByIP6, accessOfPrivateOnly, showsHostStatus, describedByUser, actionsOfDeleted, filterByTags, pagesKeypairs, refusesBadStatus,
	volumesOfShelved, attachesToSeveral, changesAttachments, rescuesVolumes, reimagesVolumes, anyImageMetadata,
	anyConsoleToken,
	pagesUsages, eventsForAll, showsStubs, filterByLocked, updatesAnswerWhole, filtersForAll, checksExtraSpecs, hostnameForAll,
	asksScheduler, migratesLater, pagesMigrations, abortsQueued, forcesEvacuation, evacuatesToStopped,
	hostsByUUID, pagesHypervisors, forcesDown, alwaysListsServers, uptimeInHypervisor,
}

// documentationOnly are the versions that change nothing here, and why.
var documentationOnly = map[api.Version]string{
	18: "project ids in URLs became optional: they are at every version",
	27: "the header OpenStack-API-Version: it is understood at every version",
	46: "the header X-OpenStack-Request-ID: it is sent at every version",
	72: "ports with a resource request: Neutron here gives ports none",
}
