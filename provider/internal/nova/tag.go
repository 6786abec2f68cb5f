// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"
	"net/http"
	"net/url"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
)

// WithTags is the first microversion to have tags.
const WithTags client.Microversion = 26

// AddTag gives a server a tag, which it may have already. HasTag is nil if it has it, a 404 if not. DropTag takes it
// away; that it has it not is a 404.
func (s Servers) AddTag(ctx context.Context, id, tag string) error {
	service, at, err := s.tag(ctx, id, tag)
	if err != nil {
		return err
	}
	_, err = service.Put(ctx, at, nil, nil, &gophercloud.RequestOpts{OkCodes: []int{http.StatusCreated, http.StatusNoContent}})
	return err
}

// HasTag looks for a tag; see AddTag.
func (s Servers) HasTag(ctx context.Context, id, tag string) error {
	service, at, err := s.tag(ctx, id, tag)
	if err != nil {
		return err
	}
	_, err = service.Get(ctx, at, nil, &gophercloud.RequestOpts{OkCodes: []int{http.StatusNoContent}})
	return err
}

// DropTag removes a tag; see AddTag.
func (s Servers) DropTag(ctx context.Context, id, tag string) error {
	service, at, err := s.tag(ctx, id, tag)
	if err != nil {
		return err
	}
	_, err = service.Delete(ctx, at, nil)
	return err
}

func (s Servers) tag(ctx context.Context, id, tag string) (*gophercloud.ServiceClient, string, error) {
	service, err := s.Client.At(ctx, WithTags)
	if err != nil {
		return nil, "", err
	}
	return service, service.ServiceURL("servers", url.PathEscape(id), "tags", url.PathEscape(tag)), nil
}
