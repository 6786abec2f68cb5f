// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// limitFlags are what users and projects may have of the cloud.
func limitFlags(flags *pflag.FlagSet, o *local.Options) {
	flags.Var((*quotasFlag)(&o.Quotas), "quota", "projects' quotas in place of Nova's defaults, -1 for none: instances=100,cores=-1")
	flags.Var((*ratesFlag)(&o.RateLimits), "rate-limits",
		`how many requests a user may make: default (Nova's), or "(POST, */servers, ^/servers, 10, MINUTE); …"`)
}

// quotasFlag are quotas by resource.
type quotasFlag map[compute.Resource]int

func (*quotasFlag) Type() string { return "quotas" }

func (q *quotasFlag) String() string {
	var all []string
	for _, resource := range slices.Sorted(maps.Keys(*q)) {
		all = append(all, fmt.Sprintf("%s=%d", resource, (*q)[resource]))
	}
	return strings.Join(all, ",")
}

func (q *quotasFlag) Set(text string) error {
	named := map[string]int{}
	for entry := range strings.SplitSeq(text, ",") {
		name, number, _ := strings.Cut(strings.TrimSpace(entry), "=")
		limit, err := strconv.Atoi(number)
		if err != nil {
			return fmt.Errorf("%q is not like cores=20", entry)
		}
		named[name] = limit
	}
	limits, err := compute.Quotas(named)
	if err == nil {
		*q = limits
	}
	return err
}

// ratesFlag are rate limits.
type ratesFlag []nova.RateLimit

func (*ratesFlag) Type() string { return "limits" }

func (r *ratesFlag) String() string {
	var all []string
	for _, limit := range *r {
		all = append(all, limit.String())
	}
	return strings.Join(all, "; ")
}

func (r *ratesFlag) Set(text string) error {
	limits, err := nova.ParseRateLimits(text)
	if err == nil {
		*r = limits
	}
	return err
}
