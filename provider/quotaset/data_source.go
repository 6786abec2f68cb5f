// SPDX-License-Identifier: MPL-2.0

package quotaset

import (
	"context"
	"net/url"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/source"
)

// NewDataSource returns the data source nova_quota_set.
func NewDataSource() datasource.DataSource { return source.Read(dataReading) }

// dataQuotas are what is limited. They are read at 2.1: later versions leave out some that Nova still obeys.
var dataQuotas = fields.Table{
	"instances":                   {Of: fields.Number, Description: "The number of servers."},
	"cores":                       {Of: fields.Number, Description: "The number of virtual processors of all servers."},
	"ram":                         {Of: fields.Number, Description: "The memory of all servers in MiB."},
	"key_pairs":                   {Of: fields.Number, Description: "The number of keypairs of a user."},
	"metadata_items":              {Of: fields.Number, Description: "The number of metadata of a server."},
	"server_groups":               {Of: fields.Number, Description: "The number of server groups."},
	"server_group_members":        {Of: fields.Number, Description: "The number of servers in a group."},
	"injected_files":              {Of: fields.Number, Description: "The number of files to inject into a server, up to microversion 2.56."},
	"injected_file_content_bytes": {Of: fields.Number, Description: "The size of each in bytes."},
	"injected_file_path_bytes":    {Of: fields.Number, Description: "The length of its path in bytes."},
}

var dataReading = source.Reading{
	Type: "quota_set", Label: "Quota Set", Of: "Project",
	About: "The quotas of a project, or of a user in it, and what of them is used. Limits of -1 are none.",
	Filters: map[string]source.Filter{
		"project_id": {Description: "The id of the project. Default: the provider's."},
		"user_id":    {Description: "The id of a user in it, whose own quotas are to be read.", Query: "user_id"},
	},
	Shown: dataQuotas.With(fields.Table{
		"project_id": {Description: "The id of the project."},
		"in_use":     {Of: fields.Object, Fields: dataQuotas, Description: "What is used."},
		"reserved":   {Of: fields.Object, Fields: dataQuotas, Description: "What is promised to requests under way: 0 since Nova 16 (Pike)."},
	}),
	Read: readData,
}

func readData(ctx context.Context, c *client.Client, q source.Query) (fields.Row, error) {
	service, err := c.At(ctx, 1)
	if err != nil {
		return nil, err
	}
	project := q.Text("project_id")
	if project == "" {
		if project, err = nova.Project(service); err != nil {
			return nil, err
		}
	}
	found, err := nova.Object(ctx, service, service.ServiceURL("os-quota-sets", url.PathEscape(project), "detail"), "quota_set", q.Values)
	if err != nil {
		return nil, err
	}
	row, err := dataPart("limit").Row(found)
	if err != nil {
		return nil, err
	}
	row["project_id"] = types.StringValue(project)
	for _, part := range []string{"in_use", "reserved"} {
		quotas, err := dataPart(part).Row(found)
		if err != nil {
			return nil, err
		}
		row[part] = dataQuotas.Object(quotas)
	}
	return row, nil
}

// dataPart is the quotas, read from one of the things that Nova says of each.
func dataPart(part string) fields.Table {
	quotas := fields.Table{}
	for name, f := range dataQuotas {
		f.From = name + "." + part
		quotas[name] = f
	}
	return quotas
}
