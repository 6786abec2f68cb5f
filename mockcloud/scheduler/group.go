// SPDX-License-Identifier: MPL-2.0

package scheduler

// The policies of server groups.
const (
	Affinity         = "affinity"
	AntiAffinity     = "anti-affinity"
	SoftAffinity     = "soft-affinity"
	SoftAntiAffinity = "soft-anti-affinity"
)

// Group is the server group of a server.
type Group struct {
	Policy string
	// MaxPerHost is how many members a host may have, with anti-affinity.
	MaxPerHost int
	// Members are how many other members each host has.
	Members map[string]int
}

// allowsAnother tells that anti-affinity lets the host have one more member.
func (g *Group) allowsAnother(host string) bool {
	return g == nil || g.Policy != AntiAffinity || g.Members[host] < max(g.MaxPerHost, 1)
}

// allowsApart tells that affinity lets a member be on the host: where one is, or there is none yet.
func (g *Group) allowsApart(host string) bool {
	return g == nil || g.Policy != Affinity || len(g.Members) == 0 || g.Members[host] > 0
}

// Violated is the policy ("Affinity", "Anti-affinity") that a server on the host would violate, "" for
// none: the check after the filters, for servers that an administrator forced past them.
func (g *Group) Violated(host string) string {
	switch {
	case !g.allowsAnother(host):
		return "Anti-affinity"
	case !g.allowsApart(host):
		return "Affinity"
	}
	return ""
}

// members is how many members the host has, if that is the group's policy.
func (g *Group) members(policy, host string) float64 {
	if g == nil || g.Policy != policy {
		return 0
	}
	return float64(g.Members[host])
}
