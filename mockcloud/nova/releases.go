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

// The majors of the releases that have microversions.
const (
	kilo = iota + 11
	liberty
	mitaka
	newton
	ocata
	pike
	queens
	rocky
	stein
	train
	ussuri
	victoria
	wallaby
	xena
	yoga
	zed
	antelope
	bobcat
	caracal
	dalmatian
	epoxy
	flamingo
	gazpacho
)

// releases are the same. Their microversions are _MAX_API_VERSION of each stable branch's
// nova/api/openstack/api_version_request.py.
var releases = []Release{
	{"kilo", "2015.1", kilo, 3}, // with osapi_v3.enabled: without, it had no 2.1
	{"liberty", "", liberty, 12},
	{"mitaka", "", mitaka, 25},
	{"newton", "", newton, 38},
	{"ocata", "", ocata, 42},
	{"pike", "", pike, 53},
	{"queens", "", queens, 60},
	{"rocky", "", rocky, 65},
	{"stein", "", stein, 72},
	{"train", "", train, 79},
	{"ussuri", "", ussuri, 87},
	{"victoria", "", victoria, 87},
	{"wallaby", "", wallaby, 88},
	{"xena", "", xena, 90},
	{"yoga", "", yoga, 90},
	{"zed", "", zed, 93},
	{"2023.1", "antelope", antelope, 95},
	{"2023.2", "bobcat", bobcat, 95},
	{"2024.1", "caracal", caracal, 96},
	{"2024.2", "dalmatian", dalmatian, 96},
	{"2025.1", "epoxy", epoxy, 100},
	{"2025.2", "flamingo", flamingo, 100},
	{"2026.1", "gazpacho", gazpacho, 103},
}

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

// until are routes that no release has that is newer than that major.
func (r Release) until(major int, routes []api.Route) []api.Route {
	if r.since(major + 1) {
		return nil
	}
	return routes
}

// before reports that the release was named, and is older than that major.
func (r Release) before(major int) bool { return !r.None() && r.Major < major }

// since reports that the release was named, and is that major or newer.
func (r Release) since(major int) bool { return r.Major >= major }

// NeedsProject reports that the URLs of the release's resources name a project: 2.18, of Mitaka, tells that they need not,
// whatever version is asked for.
func (r Release) NeedsProject() bool { return r.before(mitaka) }

// microversions are those that the release speaks, and the headers in which it does.
func (r Release) microversions() *api.Microversions {
	spoken := &api.Microversions{Service: "compute", Major: "2", Legacy: "X-OpenStack-Nova-API-Version", Min: 1, Max: Newest}
	if !r.None() {
		spoken.Max = r.Max
	}
	spoken.OnlyLegacy = r.before(newton) // which was the first to know OpenStack-API-Version
	return spoken
}

// mounts are those of all places that the release serves: /v1.1 is in Liberty's api-paste.ini for the last time. Pike was the
// first with a list of routes; those that were made of resources before took a format's suffix, ".json" or ".xml", long after
// there was but one.
func (r Release) mounts(all []api.Mount) []api.Mount {
	for i := range all {
		all[i].NeedsProject, all[i].Suffixes = r.NeedsProject(), r.before(pike)
	}
	return slices.DeleteFunc(all, func(m api.Mount) bool { return m.Path == "/v1.1" && r.since(mitaka) })
}
