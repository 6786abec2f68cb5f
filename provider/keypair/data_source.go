// SPDX-License-Identifier: MPL-2.0

package keypair

import (
	"context"
	"maps"
	"net/url"

	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/source"
)

// NewDataSource returns the data source nova_keypair.
func NewDataSource() datasource.DataSource { return source.One(dataNoun) }

// NewDataSourceList returns the data source nova_keypairs.
func NewDataSourceList() datasource.DataSource { return source.All(dataNoun) }

// The microversions that keypairs are read at: lists have pages since 2.35, types since 2.2.
const (
	dataNewest client.Microversion = 35
	dataOwner  client.Microversion = 10
)

var dataFields = fields.Table{
	"name":        {Description: "The name."},
	"type":        {Description: "`ssh` or `x509`. Needs microversion 2.2."},
	"public_key":  {Description: "The public key, or the certificate."},
	"fingerprint": {Description: "The key's MD5 fingerprint; the SHA-1 of a certificate."},
}

// dataDetail are not in lists.
var dataDetail = fields.Table{
	"user_id": {Description: "The id of the user who owns it."},
	"created": {Of: fields.Time, From: "created_at", Description: "When it was made, in RFC 3339."},
}

var dataNoun = source.Noun{
	Singular: "keypair", Plural: "keypairs", Label: "Keypair", Labels: "Keypairs", Key: "name",
	About: "A keypair that exists already.", AboutPlural: "The keypairs of a user, or those of them that fit.",
	Shown: dataFields, Detail: dataDetail,
	Filters: map[string]source.Filter{
		"name":        source.Equal("name", "The name."),
		"name_regex":  source.Matches("name", "A regular expression that fits the name, or a part of it."),
		"fingerprint": source.Equal("fingerprint", "The key's MD5 fingerprint; the SHA-1 of a certificate."),
		"user_id": {
			Of: fields.Text, Scope: true, Since: dataOwner, Query: "user_id",
			Description: "The id of the user who owns it, if that is not the provider's. Only administrators may name another. " +
				"Needs microversion 2.10.",
		},
	},
	List: listData, Get: getData, Complete: completeData,
}

func listData(ctx context.Context, c *client.Client, q source.Query) ([]fields.Row, error) {
	service, _, err := c.Best(ctx, dataNewest)
	if err != nil {
		return nil, err
	}
	all, err := nova.Collection(ctx, service, service.ServiceURL("os-keypairs"), "keypairs", q.Values)
	if err != nil {
		return nil, err
	}
	for i, wrapped := range all {
		if inner, ok := wrapped["keypair"].(map[string]any); ok {
			all[i] = inner
		}
	}
	rows, err := dataFields.Read(all)
	for _, row := range rows {
		row["user_id"] = q.Value("user_id", dataDetail["user_id"])
	}
	return rows, err
}

func getData(ctx context.Context, c *client.Client, q source.Query) (fields.Row, error) {
	return showData(ctx, c, q.Text("name"), q.Values)
}

// completeData adds what lists do not show.
func completeData(ctx context.Context, c *client.Client, row fields.Row) error {
	if _, ok := row["created"]; ok {
		return nil
	}
	query := url.Values{}
	if owner := row.Text("user_id"); owner != "" {
		query.Set("user_id", owner)
	}
	whole, err := showData(ctx, c, row.Text("name"), query)
	maps.Copy(row, whole)
	return err
}

func showData(ctx context.Context, c *client.Client, name string, query url.Values) (fields.Row, error) {
	service, _, err := c.Best(ctx, dataNewest)
	if err != nil {
		return nil, err
	}
	found, err := nova.Object(ctx, service, service.ServiceURL("os-keypairs", url.PathEscape(name)), "keypair", query)
	if err != nil {
		return nil, err
	}
	return dataFields.With(dataDetail).Row(found)
}
