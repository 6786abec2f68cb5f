// SPDX-License-Identifier: MPL-2.0

package cinder

import "github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"

// Newest is the newest microversion served: 3.71, of Cinder 2023.2 and all that came since.
const Newest api.Version = 71

// What changed beyond the shapes and codes that tags and routes tell.
const (
	strictBooleans   api.Version = 2  // in the filter bootable; before, every word but false was true
	filtersGlance    api.Version = 4  // by glance_metadata
	tagsMetadata     api.Version = 15 // ETag of a volume's metadata, If-Match
	filtersSnapshots api.Version = 22 // by metadata
	forcesDelete     api.Version = 23
	refusesFilters   api.Version = 31 // unknown ones; before, they were passed over
	filtersLike      api.Version = 34 // name~=part
	limitsOfOthers   api.Version = 39 // administrators may ask for a project's limits
	attachments      api.Version = 27
	extendsInUse     api.Version = 42
	counts           api.Version = 45 // with_count
	filtersTypes     api.Version = 52 // by extra_specs
	pagesTransfers   api.Version = 59
	comparesTimes    api.Version = 60 // created_at=gt:…
	filtersUse       api.Version = 65 // by consumes_quota
	snapshotsInUse   api.Version = 66 // without force
)
