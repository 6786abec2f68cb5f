// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"fmt"
	"slices"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// Release is a release of Nova, whose API is served as that release had it. The zero value is none in particular:
// everything that any of them had is served at once.
type Release struct {
	// Name is how OpenStack calls it: "kilo", "2023.1". Other is its other name, "antelope", or "".
	Name, Other string
	// Major is its version number's: 27 is 27.0.0.
	Major int
	// Max is the newest microversion that it speaks.
	Max api.Version
}

// releases are those that have microversions. Their numbers are _MAX_API_VERSION of each stable branch's
// nova/api/openstack/api_version_request.py.
var releases = []Release{
	{"kilo", "2015.1", 11, 3}, // with osapi_v3.enabled: without, it had no 2.1
	{"liberty", "", 12, 12},
	{"mitaka", "", 13, 25},
	{"newton", "", 14, 38},
	{"ocata", "", 15, 42},
	{"pike", "", 16, 53},
	{"queens", "", 17, 60},
	{"rocky", "", 18, 65},
	{"stein", "", 19, 72},
	{"train", "", 20, 79},
	{"ussuri", "", 21, 87},
	{"victoria", "", 22, 87},
	{"wallaby", "", 23, 88},
	{"xena", "", 24, 90},
	{"yoga", "", 25, 90},
	{"zed", "", 26, 93},
	{"2023.1", "antelope", 27, 95},
	{"2023.2", "bobcat", 28, 95},
	{"2024.1", "caracal", 29, 96},
	{"2024.2", "dalmatian", 30, 96},
	{"2025.1", "epoxy", 31, 100},
	{"2025.2", "flamingo", 32, 100},
	{"2026.1", "gazpacho", 33, 103},
}

// The releases with which more changed than operations and microversions, by the major of their number.
const (
	firstOnly            = 11 // Kilo: the last with the code of the API 2.0, and the last that was documented with it
	lastWithV11          = 12 // Liberty: api-paste.ini has /v1.1 for the last time
	sinceCommonHeader    = 14 // Newton: before, OpenStack-API-Version meant nothing
	sincePublicDocuments = 21 // Ussuri: before, the document of one version took a token
	sinceV2Deprecated    = 32 // 2025.2: before, v2.0 was SUPPORTED
)

// Releases are all that can be named, from the oldest on.
func Releases() []Release { return slices.Clone(releases) }

// FindRelease is the release of that name, in whatever case; none for "".
func FindRelease(name string) (Release, error) {
	if name == "" {
		return Release{}, nil
	}
	names := make([]string, len(releases))
	for i, r := range releases {
		if strings.EqualFold(name, r.Name) || r.Other != "" && strings.EqualFold(name, r.Other) {
			return r, nil
		}
		names[i] = r.Name
	}
	return Release{}, fmt.Errorf("there is no release %q of Nova with microversions: it is one of %s", name, strings.Join(names, ", "))
}

// None reports that no release was named.
func (r Release) None() bool { return r.Major == 0 }

// before reports that the release was named, and is older than that major.
func (r Release) before(major int) bool { return !r.None() && r.Major < major }

// since reports that the release was named, and is that major or newer.
func (r Release) since(major int) bool { return r.Major >= major }

// microversions are those that the release speaks, and the headers in which it does.
func (r Release) microversions() *api.Microversions {
	spoken := &api.Microversions{Service: "compute", Major: "2", Legacy: "X-OpenStack-Nova-API-Version", Min: 1, Max: Newest}
	if !r.None() {
		spoken.Max = r.Max
	}
	spoken.OnlyLegacy = r.before(sinceCommonHeader)
	return spoken
}

// mounts are those of all places that the release serves.
func (r Release) mounts(all []api.Mount) []api.Mount {
	return slices.DeleteFunc(all, func(m api.Mount) bool { return m.Path == "/v1.1" && r.since(lastWithV11+1) })
}
