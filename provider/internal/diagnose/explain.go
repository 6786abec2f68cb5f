// SPDX-License-Identifier: MPL-2.0

package diagnose

import (
	"fmt"
	"regexp"
	"strings"
)

// explanations are the messages that need one, in the words of Nova, Neutron and Cinder; what has parts says them.
var explanations = []struct {
	says    *regexp.Regexp
	explain func(parts []string) string
}{
	{ // Nova: instances, cores, ram and others together
		regexp.MustCompile(`Quota exceeded for ([^:]+): Requested ([^.]*?), but already used (.*?) of ([\d, -]+)`),
		func(p []string) string { return novaQuota(list(p[1]), list(p[2]), list(p[3]), list(p[4])) },
	},
	{ // Cinder: gigabytes, per volume, snapshots
		regexp.MustCompile(`exceeds allowed (\S+) quota\. Requested (\d+)G, quota is (\d+)G and (\d+)G has been consumed`),
		func(p []string) string {
			return quotaLine(p[1], p[2]+" GiB", p[4]+" GiB", p[3]+" GiB") + "\n" + quotaAdvice
		},
	},
	{ // Cinder: counts
		regexp.MustCompile(`Maximum number of \w+ allowed \((\d+)\) exceeded for quota '(\w+)'`),
		func(p []string) string {
			return fmt.Sprintf("The quota of %s is used up: the limit is %s.\n%s", p[2], p[1], quotaAdvice)
		},
	},
	{ // Neutron
		regexp.MustCompile(`Quota exceeded for resources: \[?'?(\w+)`),
		func(p []string) string { return fmt.Sprintf("The quota of %s is used up.\n%s", p[1], quotaAdvice) },
	},
	{ // Nova: too many key pairs, server groups, members
		regexp.MustCompile(`Quota exceeded, too many ([^.]+)`),
		func(p []string) string { return fmt.Sprintf("The quota of %s is used up.\n%s", p[1], quotaAdvice) },
	},
	{
		regexp.MustCompile(`Policy doesn't allow (\S+) to be performed`),
		func(p []string) string {
			return fmt.Sprintf("The rule %s of the cloud's policy wants another role than this user has in the project, or another scope "+
				"than the token's. `openstack role assignment list --names` shows the roles.", p[1])
		},
	},
	{
		regexp.MustCompile(`No valid host|NoValidHost|Exceeded max scheduling attempts`),
		func([]string) string { return noValidHost },
	},
}

const quotaAdvice = "`openstack quota show --usage` or the data source nova_limits shows what is in use; an administrator can allow " +
	"more, with nova_quota_set for example."

const noValidHost = `No compute host passed all filters of the scheduler. What to look at:
  - room: flavor_id asks for more vCPUs, memory or disk than any one host has free (nova_hypervisors, nova_flavor)
  - availability_zone: no host of that zone is up and enabled (nova_availability_zones, nova_services)
  - the flavor's extra_specs and the image's properties: traits, CPU pinning, huge pages or an aggregate's metadata that no host offers
  - the server group: anti-affinity needs a host for each member, affinity has to fit on one
  - networks and volumes that are bound to some hosts only
Administrators find the filter that left no host in the scheduler's log, by the request id; the data source nova_instance_actions and ` +
	"`openstack server event list` show the events of a server that exists."

// explain says what a message of the cloud means and what helps; "" if it speaks for itself.
func explain(message string) string {
	for _, e := range explanations {
		if parts := e.says.FindStringSubmatch(message); parts != nil {
			return e.explain(parts)
		}
	}
	return ""
}

// novaQuota makes lines of Nova's parallel lists.
func novaQuota(names, requested, used, allowed []string) string {
	if len(requested) != len(names) || len(used) != len(names) || len(allowed) != len(names) {
		return fmt.Sprintf("The quota of %s is used up.\n%s", strings.Join(names, ", "), quotaAdvice)
	}
	var lines []string
	for i, name := range names {
		unit := ""
		if name == "ram" {
			unit = " MiB"
		}
		lines = append(lines, quotaLine(name, requested[i]+unit, used[i]+unit, allowed[i]+unit))
	}
	return strings.Join(lines, "\n") + "\n" + quotaAdvice
}

func quotaLine(name, requested, used, allowed string) string {
	return fmt.Sprintf("Quota of %s: %s requested, %s in use, %s allowed.", name, requested, used, allowed)
}

func list(text string) []string { return strings.Split(strings.TrimSpace(text), ", ") }
