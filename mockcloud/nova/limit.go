// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"cmp"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// Limits is the answer of GET /limits.
type Limits struct {
	Rate     []RateLimits   `json:"rate"`
	Absolute AbsoluteLimits `json:"absolute"`
}

// RateLimits are what the caller has left of the rate limits of one URI.
type RateLimits struct {
	URI   string          `json:"uri"`
	Regex string          `json:"regex"`
	Limit []RateLimitView `json:"limit"`
}

// RateLimitView is what is left of one rate limit: requests at once, and when the next one may come.
type RateLimitView struct {
	Verb          string   `json:"verb"`
	Value         int      `json:"value"`
	Remaining     int      `json:"remaining"`
	Unit          string   `json:"unit"`
	NextAvailable api.Time `json:"next-available"`
}

// AbsoluteLimits are a project's quotas and what it uses of them.
type AbsoluteLimits struct {
	Instances          int `json:"maxTotalInstances"`
	Cores              int `json:"maxTotalCores"`
	RAM                int `json:"maxTotalRAMSize"`
	ServerMeta         int `json:"maxServerMeta"`
	ImageMeta          int `json:"maxImageMeta"             nova:"-2.38"`
	Personality        int `json:"maxPersonality"           nova:"-2.56"`
	PersonalitySize    int `json:"maxPersonalitySize"       nova:"-2.56"`
	Keypairs           int `json:"maxTotalKeypairs"`
	ServerGroups       int `json:"maxServerGroups"`
	ServerGroupMembers int `json:"maxServerGroupMembers"`
	networkLimits      `nova:"-2.35"`
	InstancesUsed      int `json:"totalInstancesUsed"`
	CoresUsed          int `json:"totalCoresUsed"`
	RAMUsed            int `json:"totalRAMUsed"`
	ServerGroupsUsed   int `json:"totalServerGroupsUsed"`
}

// networkLimits were nova-network's: limits of nothing, of which nothing is used.
type networkLimits struct {
	FloatingIPs        int `json:"maxTotalFloatingIps"`
	SecurityGroups     int `json:"maxSecurityGroups"`
	SecurityGroupRules int `json:"maxSecurityGroupRules"`
	FloatingIPsUsed    int `json:"totalFloatingIpsUsed"`
	SecurityGroupsUsed int `json:"totalSecurityGroupsUsed"`
}

type limitQuery struct {
	TenantID api.Opt[string] `json:"tenant_id"`
}

func (s *Service) limitRoutes() []api.Route {
	return []api.Route{
		api.Get("/limits", "limits", s.showLimits).AskedBy(api.QueryOf[limitQuery]()).Loose("-2.74").Policy(rule("limits")),
	}
}

func (s *Service) showLimits(c *api.Call) (Limits, error) {
	q := api.Query[limitQuery](c)
	if q.TenantID.Set {
		if err := c.Authorize(rule("limits:other_project"), c.Own()); err != nil {
			return Limits{}, err
		}
	}
	project := cmp.Or(q.TenantID.Value, c.ProjectID())
	most, err := s.Compute.Limits(c.Context(), project, "")
	if err != nil {
		return Limits{}, err
	}
	used, err := s.Compute.Usage(c.Context(), project, "")
	if err != nil {
		return Limits{}, err
	}
	return Limits{Rate: s.rateView(c), Absolute: AbsoluteLimits{
		Instances: most[compute.QuotaInstances], Cores: most[compute.QuotaCores], RAM: most[compute.QuotaRAM],
		ServerMeta: most[compute.QuotaMetadataItems], ImageMeta: most[compute.QuotaMetadataItems],
		Personality: most[compute.QuotaInjectedFiles], PersonalitySize: most[compute.QuotaInjectedFileContentBytes],
		Keypairs: most[compute.QuotaKeyPairs], ServerGroups: most[compute.QuotaServerGroups],
		ServerGroupMembers: most[compute.QuotaServerGroupMembers],
		networkLimits: networkLimits{
			FloatingIPs: most[compute.QuotaFloatingIPs], SecurityGroups: most[compute.QuotaSecurityGroups],
			SecurityGroupRules: most[compute.QuotaSecurityGroupRules],
		},
		InstancesUsed: used[compute.QuotaInstances], CoresUsed: used[compute.QuotaCores], RAMUsed: used[compute.QuotaRAM],
		ServerGroupsUsed: used[compute.QuotaServerGroups],
	}}, nil
}
