// SPDX-License-Identifier: MPL-2.0

// Package apiversion is the data source nova_api_versions.
package apiversion

import (
	"context"
	"math"
	"net/http"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/source"
)

// NewDataSource returns the data source nova_api_versions.
func NewDataSource() datasource.DataSource { return source.Read(reading) }

var versions = fields.Table{
	"id":               {Description: "The version: `v2.0` or `v2.1`."},
	"status":           {Description: "`CURRENT`, `SUPPORTED` or `DEPRECATED`."},
	"min_microversion": {From: "min_version", Description: "The oldest microversion; null for a version that has none."},
	"max_microversion": {From: "version", Description: "The newest microversion; null for a version that has none."},
	"updated":          {Of: fields.Time, Description: "When the version last changed, as it says, in RFC 3339."},
}

var shown = fields.Table{
	"min_microversion": {Description: "The oldest microversion that the cloud offers."},
	"max_microversion": {Description: "The newest microversion that the cloud offers."},
	"usable_microversion": {
		Description: "The newest microversion that the provider uses: that of the cloud, or the provider's `max_microversion` if that is lower.",
	},
	"usable_minor": {Of: fields.Number, Description: "The N of that 2.N, for comparing: texts compare wrongly, as \"2.9\" > \"2.10\"."},
	"versions":     {Of: fields.Rows, Fields: versions, Description: "All versions of the API, sorted by `id`."},
}

var reading = source.Reading{
	Type: "api_versions", Label: "API Versions",
	About: "The versions of Nova's API that the cloud offers, for configurations that are to run on old and new clouds.",
	Shown: shown,
	Read:  read,
}

func read(ctx context.Context, c *client.Client, _ source.Query) (fields.Row, error) {
	service, usable, err := c.Best(ctx, math.MaxInt)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Versions []fields.JSON `json:"versions"`
	}
	if _, err := service.Get(ctx, root(service.Endpoint), &answer, &gophercloud.RequestOpts{
		OkCodes: []int{http.StatusOK, http.StatusMultipleChoices},
	}); err != nil {
		return nil, err
	}
	rows, err := versions.Read(answer.Versions)
	if err != nil {
		return nil, err
	}
	source.Sort(rows, "id")
	row := fields.Row{
		"min_microversion": types.StringNull(), "max_microversion": types.StringNull(),
		"usable_microversion": types.StringValue(usable.String()), "usable_minor": types.Int64Value(int64(usable)),
		"versions": versions.List(rows),
	}
	for _, version := range rows {
		if version.Text("id") == "v2.1" {
			row["min_microversion"], row["max_microversion"] = version["min_microversion"], version["max_microversion"]
		}
	}
	return row, nil
}

// root is where Nova lists its versions: before the version in an endpoint.
func root(endpoint string) string {
	for _, version := range []string{"/v2.1/", "/v2/"} {
		if before, _, ok := strings.Cut(endpoint, version); ok {
			return before + "/"
		}
	}
	return endpoint
}
