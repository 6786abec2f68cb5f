// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// admins marks a filter that only administrators may use, at any version.
const admins api.Version = Newest + 1

// serverFilter is one parameter of the server lists: since which version everybody may filter by it
// (administrators always may), its value, and the instances that it keeps.
type serverFilter struct {
	since api.Version
	value func(*ServerQuery) api.Opt[string]
	keep  func(i *compute.Instance, value string) bool
}

// serverFilters is how Nova filters: most parameters are regular expressions on the attribute.
func serverFilters() []serverFilter {
	return []serverFilter{
		{1, func(q *ServerQuery) api.Opt[string] { return q.Name }, like(func(i *compute.Instance) string { return i.Name })},
		{admins, func(q *ServerQuery) api.Opt[string] { return q.DisplayName }, like(func(i *compute.Instance) string { return i.Name })},
		{admins, func(q *ServerQuery) api.Opt[string] { return q.DisplayDesc }, like(func(i *compute.Instance) string { return text(i.Description) })},
		{1, func(q *ServerQuery) api.Opt[string] { return q.ReservationID }, like(func(i *compute.Instance) string { return i.ReservationID })},
		{1, func(q *ServerQuery) api.Opt[string] { return q.Image }, equal(func(i *compute.Instance) string { return i.ImageID })},
		{admins, func(q *ServerQuery) api.Opt[string] { return q.ImageRef }, equal(func(i *compute.Instance) string { return i.ImageID })},
		{1, func(q *ServerQuery) api.Opt[string] { return q.Flavor }, equal(func(i *compute.Instance) string { return i.Flavor.ID })},
		{1, func(q *ServerQuery) api.Opt[string] { return q.IP }, anyAddress(4, like)},
		{filterByIP6, func(q *ServerQuery) api.Opt[string] { return q.IP6 }, anyAddress(6, like)},
		{admins, func(q *ServerQuery) api.Opt[string] { return q.FixedIP }, anyAddress(4, equal)},
		{filterByTags, func(q *ServerQuery) api.Opt[string] { return q.Tags }, byTags(func(has, all int) bool { return has == all })},
		{filterByTags, func(q *ServerQuery) api.Opt[string] { return q.TagsAny }, byTags(func(has, _ int) bool { return has > 0 })},
		{filterByTags, func(q *ServerQuery) api.Opt[string] { return q.NotTags }, byTags(func(has, all int) bool { return has < all })},
		{filterByTags, func(q *ServerQuery) api.Opt[string] { return q.NotTagsAny }, byTags(func(has, _ int) bool { return has == 0 })},
		{filterByLocked, func(q *ServerQuery) api.Opt[string] { return q.Locked }, func(i *compute.Instance, v string) bool { return i.Locked == truth(v) }},
		{filtersForAll, func(q *ServerQuery) api.Opt[string] { return q.AvailabilityZone }, like(func(i *compute.Instance) string { return i.Zone })},
		{filtersForAll, func(q *ServerQuery) api.Opt[string] { return q.ConfigDrive }, byConfigDrive},
		{filtersForAll, func(q *ServerQuery) api.Opt[string] { return q.KeyName }, like(keyName)},
		{filtersForAll, func(q *ServerQuery) api.Opt[string] { return q.CreatedAt }, like(func(i *compute.Instance) string { return moment(&i.CreatedAt) })},
		{filtersForAll, func(q *ServerQuery) api.Opt[string] { return q.LaunchedAt }, like(func(i *compute.Instance) string { return moment(i.LaunchedAt) })},
		{filtersForAll, func(q *ServerQuery) api.Opt[string] { return q.TerminatedAt }, like(func(i *compute.Instance) string { return moment(i.TerminatedAt) })},
		{filtersForAll, func(q *ServerQuery) api.Opt[string] { return q.PowerState }, like(func(i *compute.Instance) string { return strconv.Itoa(int(i.PowerState)) })},
		{filtersForAll, func(q *ServerQuery) api.Opt[string] { return q.Progress }, like(func(i *compute.Instance) string { return strconv.Itoa(i.Progress) })},
		{filtersForAll, func(q *ServerQuery) api.Opt[string] { return q.UserID }, equal(func(i *compute.Instance) string { return i.UserID })},
		{hostnameForAll, func(q *ServerQuery) api.Opt[string] { return q.Hostname }, like(func(i *compute.Instance) string { return i.Hostname })},
		{admins, func(q *ServerQuery) api.Opt[string] { return q.Host }, equal(func(i *compute.Instance) string { return i.Host })},
		{admins, func(q *ServerQuery) api.Opt[string] { return q.Node }, like(func(i *compute.Instance) string { return i.Node })},
		{admins, func(q *ServerQuery) api.Opt[string] { return q.AccessIPv4 }, like(func(i *compute.Instance) string { return i.AccessIPv4 })},
		{admins, func(q *ServerQuery) api.Opt[string] { return q.AccessIPv6 }, like(func(i *compute.Instance) string { return i.AccessIPv6 })},
		{admins, func(q *ServerQuery) api.Opt[string] { return q.LockedBy }, like(func(i *compute.Instance) string { return i.LockedBy })},
		{admins, func(q *ServerQuery) api.Opt[string] { return q.RootDeviceName }, like(func(i *compute.Instance) string { return i.RootDeviceName })},
		{admins, func(q *ServerQuery) api.Opt[string] { return q.LaunchIndex }, like(func(i *compute.Instance) string { return strconv.Itoa(i.LaunchIndex) })},
		{admins, func(q *ServerQuery) api.Opt[string] { return q.AutoDiskConfig },
			func(i *compute.Instance, v string) bool { return (i.DiskConfig == compute.DiskAuto) == truth(v) }},
	}
}

// filterServers keeps what every parameter of the query keeps that the caller may use.
func filterServers(c *api.Call, q *ServerQuery, all []*compute.Instance) []*compute.Instance {
	free := c.Allowed(rule("servers:allow_all_filters"), c.Own())
	for _, filter := range serverFilters() {
		value := filter.value(q)
		if !value.Set || !free && c.Version < filter.since {
			continue
		}
		all = slices.DeleteFunc(all, func(i *compute.Instance) bool { return !filter.keep(i, value.Value) })
	}
	return all
}

// attribute is a text attribute of an instance.
type attribute func(*compute.Instance) string

// like matches as a database's regular expressions do: anywhere, without regard to case. A value that
// is no regular expression was refused before.
func like(of attribute) func(*compute.Instance, string) bool {
	return func(i *compute.Instance, value string) bool {
		expression, err := regexp.Compile("(?i)" + value)
		return err == nil && expression.MatchString(of(i))
	}
}

func equal(of attribute) func(*compute.Instance, string) bool {
	return func(i *compute.Instance, value string) bool { return of(i) == value }
}

func keyName(i *compute.Instance) string {
	if i.KeyPair == nil {
		return ""
	}
	return i.KeyPair.Name
}

func moment(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05.000000")
}

// truth is a boolean word; what is none is false, as for Nova's lenient filters.
func truth(word string) bool {
	var b api.Boolean
	return b.Parse(word) == nil && bool(b)
}

func byConfigDrive(i *compute.Instance, value string) bool {
	shown := ""
	if i.ConfigDrive {
		shown = "True"
	}
	if value == "" {
		return shown == ""
	}
	return like(func(*compute.Instance) string { return shown })(i, value)
}

// anyAddress matches one of the instance's addresses of that IP version.
func anyAddress(version int, match func(attribute) func(*compute.Instance, string) bool) func(*compute.Instance, string) bool {
	return func(i *compute.Instance, value string) bool {
		for _, vif := range i.VIFs {
			for _, a := range vif.Addresses {
				if a.IP.Is4() == (version == 4) && match(func(*compute.Instance) string { return a.IP.String() })(i, value) {
					return true
				}
			}
		}
		return false
	}
}

// byTags counts how many of the comma-separated tags the instance has.
func byTags(keep func(has, all int) bool) func(*compute.Instance, string) bool {
	return func(i *compute.Instance, value string) bool {
		has := 0
		tags := strings.Split(value, ",")
		for _, tag := range tags {
			if slices.Contains(i.Tags, tag) {
				has++
			}
		}
		return keep(has, len(tags))
	}
}
