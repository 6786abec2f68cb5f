// SPDX-License-Identifier: MPL-2.0

// Package quotas are the limits that quota sets and quota classes have in common.
package quotas

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// Unlimited is the limit that is none.
const Unlimited = -1

// Limits are limits as a state has them.
type Limits struct {
	Instances                types.Int64 `tfsdk:"instances"`
	Cores                    types.Int64 `tfsdk:"cores"`
	RAM                      types.Int64 `tfsdk:"ram"`
	MetadataItems            types.Int64 `tfsdk:"metadata_items"`
	KeyPairs                 types.Int64 `tfsdk:"key_pairs"`
	ServerGroups             types.Int64 `tfsdk:"server_groups"`
	ServerGroupMembers       types.Int64 `tfsdk:"server_group_members"`
	InjectedFiles            types.Int64 `tfsdk:"injected_files"`
	InjectedFileContentBytes types.Int64 `tfsdk:"injected_file_content_bytes"`
	InjectedFilePathBytes    types.Int64 `tfsdk:"injected_file_path_bytes"`
	FixedIPs                 types.Int64 `tfsdk:"fixed_ips"`
	FloatingIPs              types.Int64 `tfsdk:"floating_ips"`
	SecurityGroups           types.Int64 `tfsdk:"security_groups"`
	SecurityGroupRules       types.Int64 `tfsdk:"security_group_rules"`
}

// Values are limits by their names in Nova.
type Values map[string]int64

// table is what is limited. What network is true of was nova-network's: Nova takes and shows it up to 2.35 (2.49 in
// classes), and limits nothing by it where Neutron is.
var table = map[string]struct {
	description string
	of          func(*Limits) *types.Int64
	network     bool
}{
	"instances":      {"The number of servers.", func(l *Limits) *types.Int64 { return &l.Instances }, false},
	"cores":          {"The number of virtual processors of all servers.", func(l *Limits) *types.Int64 { return &l.Cores }, false},
	"ram":            {"The memory of all servers in MiB.", func(l *Limits) *types.Int64 { return &l.RAM }, false},
	"metadata_items": {"The number of metadata of each server.", func(l *Limits) *types.Int64 { return &l.MetadataItems }, false},
	"key_pairs":      {"The number of keypairs of each user.", func(l *Limits) *types.Int64 { return &l.KeyPairs }, false},
	"server_groups":  {"The number of server groups.", func(l *Limits) *types.Int64 { return &l.ServerGroups }, false},
	"server_group_members": {
		"The number of servers in each server group.", func(l *Limits) *types.Int64 { return &l.ServerGroupMembers }, false,
	},
	"injected_files": {
		"The number of files that a request can put into a server, up to microversion 2.56.",
		func(l *Limits) *types.Int64 { return &l.InjectedFiles }, false,
	},
	"injected_file_content_bytes": {
		"The size of each such file in bytes.", func(l *Limits) *types.Int64 { return &l.InjectedFileContentBytes }, false,
	},
	"injected_file_path_bytes": {
		"The length of the path of each such file in bytes.", func(l *Limits) *types.Int64 { return &l.InjectedFilePathBytes }, false,
	},
	"fixed_ips": {
		"The number of fixed addresses. Without effect where Neutron is.", func(l *Limits) *types.Int64 { return &l.FixedIPs }, true,
	},
	"floating_ips": {
		"The number of floating addresses. Without effect where Neutron is.", func(l *Limits) *types.Int64 { return &l.FloatingIPs }, true,
	},
	"security_groups": {
		"The number of security groups. Without effect where Neutron is.", func(l *Limits) *types.Int64 { return &l.SecurityGroups }, true,
	},
	"security_group_rules": {
		"The number of rules of each security group. Without effect where Neutron is.",
		func(l *Limits) *types.Int64 { return &l.SecurityGroupRules }, true,
	},
}

// Names are the names of all limits, sorted.
func Names() []string { return slices.Sorted(maps.Keys(table)) }

// Attributes are the limits as attributes of a resource: what is not given is left alone, and shown.
func Attributes() map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{}
	for name, limit := range table {
		attributes[name] = schema.Int64Attribute{
			Optional: true, Computed: true, MarkdownDescription: limit.description,
			Validators: []validator.Int64{int64validator.Between(Unlimited, math.MaxInt32)},
		}
	}
	return attributes
}

// At is one of the limits, by name.
func (l *Limits) At(name string) *types.Int64 { return table[name].of(l) }

// Take fills in what Nova shows; what it does not show is null.
func (l *Limits) Take(shown Values) {
	for name := range table {
		*l.At(name) = types.Int64Null()
		if n, ok := shown[name]; ok {
			*l.At(name) = types.Int64Value(n)
		}
	}
}

// Changed are the limits that l gives, but for those that before has alike.
func (l *Limits) Changed(before *Limits) Values {
	changed := Values{}
	for name := range table {
		if limit := *l.At(name); value.Known(limit) && !limit.Equal(*before.At(name)) {
			changed[name] = limit.ValueInt64()
		}
	}
	return changed
}

// Idle warns of limits that are given and have no effect.
func (l *Limits) Idle() (diags diag.Diagnostics) {
	for _, name := range Names() {
		if table[name].network && value.Known(*l.At(name)) {
			diags.AddAttributeWarning(path.Root(name), "Limit Without Effect", fmt.Sprintf(
				"Nova keeps %s for old clients, which ended with microversion 2.36, and limits nothing by it: the quota of networks is Neutron's.", name))
		}
	}
	return diags
}

// Taken is an error unless shown has what was set.
func Taken(set, shown Values) error {
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if n, ok := shown[name]; ok && n != set[name] {
			return fmt.Errorf("the limit %s = %d was taken without a word, but Nova still shows %d; where its quota driver is nova.quota.UnifiedLimitsDriver, "+
				"limits are set in Keystone (openstack limit create), and where it is nova.quota.NoopQuotaDriver there are none", name, set[name], n)
		}
	}
	return nil
}
