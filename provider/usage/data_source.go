// SPDX-License-Identifier: MPL-2.0

// Package usage is the data source nova_usage.
package usage

import (
	"context"
	"net/url"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/source"
)

// NewDataSource returns the data source nova_usage.
func NewDataSource() datasource.DataSource { return source.Read(reading) }

// paged is the microversion since which usage comes in pages.
const paged client.Microversion = 40

var servers = fields.Table{
	"id":        {From: "instance_id", Description: "The id."},
	"name":      {Description: "The name."},
	"flavor":    {Description: "The name of its flavor."},
	"vcpus":     {Of: fields.Number, Description: "Its virtual processors."},
	"memory_mb": {Of: fields.Number, Description: "Its memory in MiB."},
	"local_gb":  {Of: fields.Number, Description: "Its disks in GiB."},
	"hours":     {Of: fields.Decimal, Description: "How many hours of the period it was there."},
	"uptime":    {Of: fields.Number, Description: "How long it has been there, in seconds."},
	"state":     {Description: "Its state: `active`, `terminated` ..."},
	"started":   {Of: fields.Time, From: "started_at", Description: "When it came, in RFC 3339."},
	"ended":     {Of: fields.Time, From: "ended_at", Description: "When it went, in RFC 3339; null while it is there."},
}

var totals = fields.Table{
	"hours":           {Of: fields.Decimal, From: "total_hours", Description: "The hours of all servers."},
	"vcpu_hours":      {Of: fields.Decimal, From: "total_vcpus_usage", Description: "Hours times virtual processors."},
	"memory_mb_hours": {Of: fields.Decimal, From: "total_memory_mb_usage", Description: "Hours times MiB of memory."},
	"local_gb_hours":  {Of: fields.Decimal, From: "total_local_gb_usage", Description: "Hours times GiB of disk."},
}

var reading = source.Reading{
	Type: "usage", Label: "Usage", Of: "Project",
	About: "What the servers of a project used in a period, deleted ones among them.",
	Filters: map[string]source.Filter{
		"project_id": {Description: "The id of the project. Default: the provider's."},
		"start":      {Of: fields.Time, Required: true, Description: "When the period begins, in RFC 3339."},
		"end":        {Of: fields.Time, Description: "When the period ends, in RFC 3339. Default: now."},
	},
	Shown: totals.With(fields.Table{
		"project_id": {Description: "The id of the project."},
		"servers":    {Of: fields.Rows, Fields: servers, Description: "The servers that there were in the period, sorted by `started`, then `id`."},
	}),
	Read: read,
}

func read(ctx context.Context, c *client.Client, q source.Query) (fields.Row, error) {
	service, _, err := c.Best(ctx, paged)
	if err != nil {
		return nil, err
	}
	project := q.Text("project_id")
	if project == "" {
		if project, err = nova.Project(service); err != nil {
			return nil, err
		}
	}
	query := url.Values{}
	for _, name := range []string{"start", "end"} {
		if at, err := time.Parse(time.RFC3339, q.Text(name)); err == nil { // checked before
			query.Set(name, at.UTC().Format("2006-01-02T15:04:05")) // Nova takes no zone
		}
	}
	pages, err := nova.Pages(ctx, service, service.ServiceURL("os-simple-tenant-usage", url.PathEscape(project)), "tenant_usage", query)
	if err != nil {
		return nil, err
	}
	return sum(project, pages)
}

// sum adds up pages, each of which has totals of its own.
func sum(project string, pages []fields.JSON) (fields.Row, error) {
	whole := map[string]float64{}
	listed := []fields.Row{}
	for _, page := range pages {
		part, err := totals.Row(page)
		if err != nil {
			return nil, err
		}
		for name := range totals {
			of, _ := part[name].(types.Float64)
			whole[name] += of.ValueFloat64()
		}
		rows, err := servers.Rows(page["server_usages"])
		if err != nil {
			return nil, err
		}
		listed = append(listed, rows...)
	}
	source.Sort(listed, "started", "id")
	row := fields.Row{"project_id": types.StringValue(project), "servers": servers.List(listed)}
	for name := range totals {
		row[name] = types.Float64Value(whole[name])
	}
	return row, nil
}
