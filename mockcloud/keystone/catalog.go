// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// catalogService is a service in a token's catalogue.
type catalogService struct {
	Endpoints []catalogEndpoint `json:"endpoints"`
	ID        string            `json:"id"`
	Type      string            `json:"type"`
	Name      string            `json:"name"`
}

type catalogEndpoint struct {
	ID        string `json:"id"`
	Interface string `json:"interface"`
	Region    string `json:"region"`
	RegionID  string `json:"region_id"`
	URL       string `json:"url"`
}

// catalog is what is enabled of services and endpoints, with URLs as this client can reach them.
func (k *Keystone) catalog(c *api.Call, token *Token) ([]catalogService, error) {
	catalog := []catalogService{}
	err := k.view(c, func(tx store.Tx) error {
		catalog = catalog[:0]
		all, err := services.All(tx)
		if err != nil {
			return err
		}
		byService := map[string][]catalogEndpoint{}
		every, err := endpoints.All(tx)
		if err != nil {
			return err
		}
		for _, e := range every {
			url, ok := fill(e.URL, token)
			if !ok || !e.Enabled {
				continue
			}
			byService[e.ServiceID] = append(byService[e.ServiceID], catalogEndpoint{
				ID: e.ID, Interface: e.Interface, Region: e.RegionID, RegionID: e.RegionID, URL: absolute(c, url),
			})
		}
		for _, s := range all {
			if s.Enabled {
				found := byService[s.ID]
				if found == nil {
					found = []catalogEndpoint{}
				}
				catalog = append(catalog, catalogService{ID: s.ID, Type: s.Type, Name: s.Name, Endpoints: found})
			}
		}
		return nil
	})
	return catalog, err
}

// fill puts ids into a URL's $(name)s or %(name)s; false when the token has no such id, and then the
// endpoint is not in its catalogue.
func fill(url string, token *Token) (string, bool) {
	url = strings.ReplaceAll(url, "%(", "$(")
	for name, value := range map[string]string{
		"project_id": token.ProjectID, "tenant_id": token.ProjectID, "user_id": token.UserID,
	} {
		place := "$(" + name + ")s"
		if value == "" && strings.Contains(url, place) {
			return "", false
		}
		url = strings.ReplaceAll(url, place, value)
	}
	return url, true
}

// absolute puts the cloud's address, as this client knows it, before a URL that has none.
func absolute(c *api.Call, url string) string {
	if strings.HasPrefix(url, "/") {
		return c.Base() + url
	}
	return url
}
