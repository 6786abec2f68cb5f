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
	keep  match
}

// match makes of a parameter's value the test that an instance passes.
type match func(value string) func(*compute.Instance) bool

// serverFilters is how Nova filters: most parameters are regular expressions on the attribute.
func serverFilters() []serverFilter {
	return []serverFilter{
		{1, func(q *ServerQuery) api.Opt[string] { return q.Name }, like(func(i *compute.Instance) string { return i.Name })},
		{admins, func(q *ServerQuery) api.Opt[string] { return q.UUID }, equal(func(i *compute.Instance) string { return i.ID })},
		{admins, func(q *ServerQuery) api.Opt[string] { return q.DisplayName }, like(func(i *compute.Instance) string { return i.Name })},
		{admins, func(q *ServerQuery) api.Opt[string] { return q.DisplayDesc }, like(func(i *compute.Instance) string { return text(i.Description) })},
		{1, func(q *ServerQuery) api.Opt[string] { return q.ReservationID }, like(func(i *compute.Instance) string { return i.ReservationID })},
		{1, func(q *ServerQuery) api.Opt[string] { return q.Image }, equal(func(i *compute.Instance) string { return i.ImageID })},
		{admins, func(q *ServerQuery) api.Opt[string] { return q.ImageRef }, equal(func(i *compute.Instance) string { return i.ImageID })},
		{1, func(q *ServerQuery) api.Opt[string] { return q.IP }, anyAddress(4, like)},
		{filterByIP6, func(q *ServerQuery) api.Opt[string] { return q.IP6 }, anyAddress(6, like)},
		{admins, func(q *ServerQuery) api.Opt[string] { return q.FixedIP }, anyAddress(4, equal)},
		{filterByTags, func(q *ServerQuery) api.Opt[string] { return q.Tags }, byTags(func(has, all int) bool { return has == all })},
		{filterByTags, func(q *ServerQuery) api.Opt[string] { return q.TagsAny }, byTags(func(has, _ int) bool { return has > 0 })},
		{filterByTags, func(q *ServerQuery) api.Opt[string] { return q.NotTags }, byTags(func(has, all int) bool { return has < all })},
		{filterByTags, func(q *ServerQuery) api.Opt[string] { return q.NotTagsAny }, byTags(func(has, _ int) bool { return has == 0 })},
		{filterByLocked, func(q *ServerQuery) api.Opt[string] { return q.Locked }, matches(func(i *compute.Instance) bool { return i.Locked })},
		{filtersForAll, func(q *ServerQuery) api.Opt[string] { return q.AvailabilityZone }, like(func(i *compute.Instance) string { return i.Zone })},
		{filtersForAll, func(q *ServerQuery) api.Opt[string] { return q.ConfigDrive }, likeText(configDrive)},
		{filtersForAll, func(q *ServerQuery) api.Opt[string] { return q.KeyName }, like(keyName)},
		{filtersForAll, func(q *ServerQuery) api.Opt[string] { return q.CreatedAt }, like(func(i *compute.Instance) string { return moment(&i.CreatedAt) })},
		{filtersForAll, func(q *ServerQuery) api.Opt[string] { return q.LaunchedAt }, like(func(i *compute.Instance) string { return moment(i.LaunchedAt) })},
		{filtersForAll, func(q *ServerQuery) api.Opt[string] { return q.TerminatedAt }, like(func(i *compute.Instance) string { return moment(i.TerminatedAt) })},
		{filtersForAll, func(q *ServerQuery) api.Opt[string] { return q.PowerState }, like(func(i *compute.Instance) string { return strconv.Itoa(int(i.PowerState)) })},
		{filtersForAll, func(q *ServerQuery) api.Opt[string] { return q.VMState }, equal(func(i *compute.Instance) string { return string(i.VMState) })},
		{filtersForAll, func(q *ServerQuery) api.Opt[string] { return q.TaskState }, equal(func(i *compute.Instance) string { return string(i.TaskState) })},
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
		{admins, func(q *ServerQuery) api.Opt[string] { return q.KernelID }, likeText(none)},
		{admins, func(q *ServerQuery) api.Opt[string] { return q.RamdiskID }, likeText(none)},
		{admins, func(q *ServerQuery) api.Opt[string] { return q.AutoDiskConfig }, matches(isAutoDisk)},
	}
}

// filters are the tests that the query's parameters make, of those that the caller may use.
func (q *ServerQuery) filters(c *api.Call) (tests []func(*compute.Instance) bool) {
	free := c.Allowed(rule("servers:allow_all_filters"), c.Own())
	for _, filter := range serverFilters() {
		if value := filter.value(q); value.Set && (free || c.Version >= filter.since) {
			tests = append(tests, filter.keep(value.Value))
		}
	}
	return tests
}

// attribute is a text attribute of an instance.
type attribute func(*compute.Instance) string

// like matches as a database's regular expressions do: anywhere, without regard to case, and never what is not
// there. A value that is no regular expression was refused before.
func like(of attribute) match {
	matches := likeText(of)
	return func(value string) func(*compute.Instance) bool {
		keep := matches(value)
		return func(i *compute.Instance) bool { return of(i) != "" && keep(i) }
	}
}

// likeText is like for attributes that are always there, if only as an empty text.
func likeText(of attribute) match {
	return func(value string) func(*compute.Instance) bool {
		expression, err := regexp.Compile("(?i)" + value)
		return func(i *compute.Instance) bool { return err == nil && expression.MatchString(of(i)) }
	}
}

// none is an attribute that is empty here: images of ours have neither kernel nor ramdisk.
func none(*compute.Instance) string { return "" }

func equal(of attribute) match {
	return func(value string) func(*compute.Instance) bool {
		return func(i *compute.Instance) bool { return of(i) == value }
	}
}

// matches compares with a boolean word.
func matches(of func(*compute.Instance) bool) match {
	return func(value string) func(*compute.Instance) bool {
		return func(i *compute.Instance) bool { return of(i) == truth(value) }
	}
}

func isAutoDisk(i *compute.Instance) bool { return i.DiskConfig == compute.DiskAuto }

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
	value, err := strictTruth(word)
	return err == nil && value
}

// strictTruth is a boolean word as Nova's strict filters read it.
func strictTruth(word string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "1", "t", "true", "on", "y", "yes":
		return true, nil
	case "0", "f", "false", "off", "n", "no":
		return false, nil
	}
	return false, api.BadRequest("Invalid input received: Unrecognized value '%s', acceptable values are: "+
		"'0', '1', 'f', 'false', 'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes'", word)
}

// configDrive is what Nova keeps of it.
func configDrive(i *compute.Instance) string {
	if i.ConfigDrive {
		return "True"
	}
	return ""
}

// anyAddress matches one of the instance's fixed addresses of that IP version.
func anyAddress(version int, by func(attribute) match) match {
	return func(value string) func(*compute.Instance) bool {
		return func(i *compute.Instance) bool {
			for _, vif := range i.VIFs {
				for _, a := range vif.Addresses {
					address := func(*compute.Instance) string { return a.IP.String() }
					if a.Type == compute.FixedAddress && a.IP.Is4() == (version == 4) && by(address)(value)(i) {
						return true
					}
				}
			}
			return false
		}
	}
}

// byTags counts how many of the comma-separated tags the instance has.
func byTags(keep func(has, all int) bool) match {
	return func(value string) func(*compute.Instance) bool {
		tags := strings.Split(value, ",")
		return func(i *compute.Instance) bool {
			has := 0
			for _, tag := range tags {
				if slices.Contains(i.Tags, tag) {
					has++
				}
			}
			return keep(has, len(tags))
		}
	}
}
