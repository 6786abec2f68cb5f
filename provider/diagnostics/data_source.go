// SPDX-License-Identifier: MPL-2.0

// Package diagnostics is the data source nova_server_diagnostics.
package diagnostics

import (
	"context"
	"net/url"

	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/source"
)

// NewDataSource returns the data source nova_server_diagnostics.
func NewDataSource() datasource.DataSource { return source.Read(reading) }

// standard is the first microversion that shows the same for all drivers; before, each showed what it liked.
const standard client.Microversion = 48

var reading = source.Reading{
	Type: "server_diagnostics", Label: "Server Diagnostics", Of: "Server", Admin: true,
	About: "What the hypervisor measures of a running server. It takes an administrator. All but `raw` needs microversion 2.48, " +
		"and is null where the driver does not tell.",
	Filters: map[string]source.Filter{"server_id": {Required: true, Description: "The id of the server."}},
	Shown:   shown,
	Read:    read,
}

func read(ctx context.Context, c *client.Client, q source.Query) (fields.Row, error) {
	service, v, err := c.Best(ctx, standard)
	if err != nil {
		return nil, err
	}
	var found fields.JSON
	if _, err := service.Get(ctx, service.ServiceURL("servers", url.PathEscape(q.Text("server_id")), "diagnostics"), &found, nil); err != nil {
		return nil, err
	}
	if v < standard {
		found = fields.JSON{"raw": map[string]any(found)}
	}
	return shown.Row(found)
}
