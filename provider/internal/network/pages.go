// SPDX-License-Identifier: MPL-2.0

package network

import (
	"context"
	"encoding/json"
	"net/url"

	"github.com/gophercloud/gophercloud/v2"
)

// pages are all records of a collection of Neutron that match the query: clouds may limit what one answer holds.
func pages[T any](ctx context.Context, service *gophercloud.ServiceClient, path, collection string, query url.Values) ([]T, error) {
	var all []T
	address := service.ServiceURL(path) + "?" + query.Encode()
	for address != "" {
		var body map[string]json.RawMessage
		if _, err := service.Get(ctx, address, &body, nil); err != nil {
			return nil, err
		}
		var some []T
		if err := json.Unmarshal(body[collection], &some); err != nil {
			return nil, err
		}
		all = append(all, some...)
		var links []gophercloud.Link
		if raw, ok := body[collection+"_links"]; ok {
			if err := json.Unmarshal(raw, &links); err != nil {
				return nil, err
			}
		}
		address, _ = gophercloud.ExtractNextURL(links)
	}
	return all, nil
}

// named is a query for a value; "" asks for all.
func named(field, text string) url.Values {
	if text == "" {
		return url.Values{}
	}
	return url.Values{field: {text}}
}
