// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// A set of quotas is, by resource, a limit that is set, a limit in force, or that with what is used of it.

type coreQuotas[T any] struct {
	Instances     T `json:"instances"      range:"-1-2147483647"`
	Cores         T `json:"cores"          range:"-1-2147483647"`
	RAM           T `json:"ram"            range:"-1-2147483647"` // MiB
	MetadataItems T `json:"metadata_items" range:"-1-2147483647"`
	KeyPairs      T `json:"key_pairs"      range:"-1-2147483647"`
}

type groupQuotas[T any] struct {
	ServerGroups       T `json:"server_groups"        range:"-1-2147483647"`
	ServerGroupMembers T `json:"server_group_members" range:"-1-2147483647"`
}

// injectedQuotas are about personality, which 2.57 ended.
type injectedQuotas[T any] struct {
	InjectedFiles            T `json:"injected_files"              range:"-1-2147483647"`
	InjectedFileContentBytes T `json:"injected_file_content_bytes" range:"-1-2147483647"`
	InjectedFilePathBytes    T `json:"injected_file_path_bytes"    range:"-1-2147483647"`
}

// networkQuotas were nova-network's.
type networkQuotas[T any] struct {
	FixedIPs           T `json:"fixed_ips"            range:"-1-2147483647"`
	FloatingIPs        T `json:"floating_ips"         range:"-1-2147483647"`
	SecurityGroups     T `json:"security_groups"      range:"-1-2147483647"`
	SecurityGroupRules T `json:"security_group_rules" range:"-1-2147483647"`
}

// quotaSet are the quotas of a project or of a user in it.
type quotaSet[T any] struct {
	coreQuotas[T]
	groupQuotas[T]
	injectedQuotas[T] `nova:"-2.56"`
	networkQuotas[T]  `nova:"-2.35"`
}

// quotaLimit is a limit that is set, or not.
type quotaLimit = api.Opt[api.Integer]

// QuotaUse is a quota with what is used of it.
type QuotaUse struct {
	Limit    int `json:"limit"`
	InUse    int `json:"in_use"`
	Reserved int `json:"reserved"` // nothing ever is
}

// at is where each resource's quota is.
func (q *quotaSet[T]) at() map[compute.Resource]*T {
	return map[compute.Resource]*T{
		compute.QuotaInstances: &q.Instances, compute.QuotaCores: &q.Cores, compute.QuotaRAM: &q.RAM,
		compute.QuotaMetadataItems: &q.MetadataItems, compute.QuotaKeyPairs: &q.KeyPairs,
		compute.QuotaServerGroups: &q.ServerGroups, compute.QuotaServerGroupMembers: &q.ServerGroupMembers,
		compute.QuotaInjectedFiles:            &q.InjectedFiles,
		compute.QuotaInjectedFileContentBytes: &q.InjectedFileContentBytes,
		compute.QuotaInjectedFilePathBytes:    &q.InjectedFilePathBytes,
		compute.QuotaFixedIPs:                 &q.FixedIPs, compute.QuotaFloatingIPs: &q.FloatingIPs,
		compute.QuotaSecurityGroups: &q.SecurityGroups, compute.QuotaSecurityGroupRules: &q.SecurityGroupRules,
	}
}

// inForce is a set of limits as answers show it.
func inForce(limits map[compute.Resource]int) (q quotaSet[int]) {
	for r, to := range q.at() {
		*to = limits[r]
	}
	return q
}

// given are the limits that a request sets.
func given(q *quotaSet[quotaLimit]) map[compute.Resource]int {
	limits := map[compute.Resource]int{}
	for r, from := range q.at() {
		if from.Set {
			limits[r] = int(from.Value)
		}
	}
	return limits
}
