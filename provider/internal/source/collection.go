// SPDX-License-Identifier: MPL-2.0

package source

import (
	"context"
	"net/url"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// Collection is where Nova keeps things of a kind, and how it writes them.
type Collection struct {
	// Newest is the newest microversion to read at; clouds that are older are read at what they offer.
	Newest client.Microversion
	// Path leads to the list, and Many holds it in the answer; with an id, Base leads to one, and Single holds that.
	Path         []string
	Many, Single string
	Base         string
	Shown        fields.Table
}

// List is a Noun's.
func (n Collection) List(ctx context.Context, c *client.Client, q Query) ([]fields.Row, error) {
	service, _, err := c.Best(ctx, n.Newest)
	if err != nil {
		return nil, err
	}
	all, err := nova.Collection(ctx, service, service.ServiceURL(n.Path...), n.Many, q.Values)
	if err != nil {
		return nil, err
	}
	return n.Shown.Read(all)
}

// Get is a Noun's, by its id.
func (n Collection) Get(ctx context.Context, c *client.Client, q Query) (fields.Row, error) {
	service, _, err := c.Best(ctx, n.Newest)
	if err != nil {
		return nil, err
	}
	found, err := nova.Object(ctx, service, service.ServiceURL(n.Base, url.PathEscape(q.Text("id"))), n.Single, q.Values)
	if err != nil {
		return nil, err
	}
	return n.Shown.Row(found)
}
