// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
)

// Collection reads all pages of a collection, which its answers hold under key.
func Collection(ctx context.Context, service *gophercloud.ServiceClient, address, key string, query url.Values) ([]fields.JSON, error) {
	return pages(ctx, service, address, key, query, func(page []fields.JSON) []fields.JSON { return page })
}

// Pages reads an object that comes in pages, each of which has a part of what is in it.
func Pages(ctx context.Context, service *gophercloud.ServiceClient, address, key string, query url.Values) ([]fields.JSON, error) {
	return pages(ctx, service, address, key, query, func(page fields.JSON) []fields.JSON { return []fields.JSON{page} })
}

// pages follows the links from each page to the next.
func pages[P any](
	ctx context.Context, service *gophercloud.ServiceClient, address, key string, query url.Values, objects func(P) []fields.JSON,
) ([]fields.JSON, error) {
	all := []fields.JSON{}
	seen := map[string]bool{}
	for next := with(address, query); next != ""; {
		if seen[next] {
			return nil, fmt.Errorf("the pages of %s go round in a circle at %s", key, next)
		}
		seen[next] = true
		var answer map[string]json.RawMessage
		if _, err := service.Get(ctx, next, &answer, nil); err != nil {
			return nil, err
		}
		var page P
		var links []gophercloud.Link
		if err := errors.Join(part(answer, key, &page), part(answer, key+"_links", &links)); err != nil {
			return nil, err
		}
		all = append(all, objects(page)...)
		var err error
		if next, err = gophercloud.ExtractNextURL(links); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Object reads one object, which the answer holds under key.
func Object(ctx context.Context, service *gophercloud.ServiceClient, address, key string, query url.Values) (fields.JSON, error) {
	var answer map[string]json.RawMessage
	if _, err := service.Get(ctx, with(address, query), &answer, nil); err != nil {
		return nil, err
	}
	var object fields.JSON
	if err := part(answer, key, &object); err != nil {
		return nil, err
	}
	if object == nil {
		return nil, fmt.Errorf("the answer to GET %s holds no %s", address, key)
	}
	return object, nil
}

// Project is the id of the project that service works in.
func Project(service *gophercloud.ServiceClient) (string, error) {
	scope, ok := service.GetAuthResult().(interface {
		ExtractProject() (*tokens.Project, error)
	})
	if !ok {
		return "", errors.New("the token does not say which project it is for")
	}
	project, err := scope.ExtractProject()
	if err == nil && (project == nil || project.ID == "") {
		err = errors.New("the token is for no project")
	}
	if err != nil {
		return "", err
	}
	return project.ID, nil
}

func with(address string, query url.Values) string {
	if len(query) == 0 {
		return address
	}
	return address + "?" + query.Encode()
}

// part reads what an answer holds under key, if that is there.
func part(answer map[string]json.RawMessage, key string, target any) error {
	text, ok := answer[key]
	if !ok {
		return nil
	}
	if err := json.Unmarshal(text, target); err != nil {
		return fmt.Errorf("the answer's %s is of an unexpected kind: %w", key, err)
	}
	return nil
}
