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
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/quotas"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/source"
)

// NewDataSource returns the data source nova_quota_set.
func NewDataSource() datasource.DataSource {
	return source.Read(source.Reading{
		Type: "quota_set", Label: "Quota Set", Of: "Project",
		About: "The quotas of a project, or of a user in it, and what of them is used. Limits of -1 are none.",
		Filters: map[string]source.Filter{
			"project_id": {Description: "The id of the project. Default: the provider's."},
			"user_id":    {Description: "The id of a user in it, whose own quotas are to be read.", Query: "user_id"},
		},
		Shown: dataFields(),
		Read:  readData,
	})
}

// dataFields are read at 2.1: later versions leave out limits that Nova still keeps.
func dataFields() fields.Table {
	return quotas.Fields("limit").With(fields.Table{
		"project_id": {Description: "The id of the project."},
		"in_use":     {Of: fields.Object, Fields: quotas.Fields("in_use"), Description: "What is used."},
		"reserved": {
			Of: fields.Object, Fields: quotas.Fields("reserved"), Description: "What is promised to requests under way; 0 since Nova 16 (Pike).",
		},
	})
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
	// Nova says of each quota all three; each object reads its own of all quotas.
	found["in_use"], found["reserved"] = map[string]any(found), map[string]any(found)
	row, err := dataFields().Row(found)
	if err == nil {
		row["project_id"] = types.StringValue(project)
	}
	return row, err
}
