// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"
	"net/http"
	"net/url"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
)

// Update changes fields of a server.
func (s Servers) Update(ctx context.Context, at client.Microversion, id string, fields map[string]any) error {
	service, err := s.Client.At(ctx, at)
	if err != nil {
		return err
	}
	_, err = service.Put(ctx, service.ServiceURL("servers", id), map[string]any{"server": fields}, nil,
		&gophercloud.RequestOpts{OkCodes: []int{http.StatusOK}})
	return err
}

// Act runs a server action that may be asked for twice: body is its JSON, {"os-start": nil} for example. An attempt that
// leaves open whether Nova has begun is repeated; if Nova then refuses because of what the server is doing, it has.
func (s Servers) Act(ctx context.Context, id string, body map[string]any) error {
	return s.act(ctx, 1, id, body)
}

// ActBest is Act at the newest microversion up to v that the cloud offers.
func (s Servers) ActBest(ctx context.Context, v client.Microversion, id string, body map[string]any) error {
	_, at, err := s.Client.Best(ctx, v)
	if err != nil {
		return err
	}
	return s.act(ctx, at, id, body)
}

func (s Servers) act(ctx context.Context, at client.Microversion, id string, body map[string]any) error {
	return client.Repeat(ctx, s.Client, func(ctx context.Context) error {
		_, err := s.ActAt(ctx, at, id, body, nil)
		return err
	})
}

// Console is the end of the guest's console log.
func (s Servers) Console(ctx context.Context, id string, lines int) (string, error) {
	var answer struct {
		Output string `json:"output"`
	}
	_, err := s.ActAt(ctx, 1, id, map[string]any{"os-getConsoleOutput": map[string]any{"length": lines}}, &answer)
	return answer.Output, err
}

// Delete asks for a server to be deleted.
func (s Servers) Delete(ctx context.Context, id string) error {
	service, err := s.Client.At(ctx, 1)
	if err != nil {
		return err
	}
	_, err = service.Delete(ctx, service.ServiceURL("servers", id), nil)
	return err
}

// SetMetadata sets keys and leaves the others alone; DropMetadata removes one, if it is there.
func (s Servers) SetMetadata(ctx context.Context, id string, metadata map[string]string) error {
	service, err := s.Client.At(ctx, 1)
	if err != nil {
		return err
	}
	return client.Repeat(ctx, s.Client, func(ctx context.Context) error {
		_, err := service.Post(ctx, service.ServiceURL("servers", id, "metadata"), map[string]any{"metadata": metadata}, nil,
			&gophercloud.RequestOpts{OkCodes: []int{http.StatusOK}})
		return err
	})
}

// DropMetadata removes a key; the error is a 404 if it is not there.
func (s Servers) DropMetadata(ctx context.Context, id, key string) error {
	service, err := s.Client.At(ctx, 1)
	if err != nil {
		return err
	}
	_, err = service.Delete(ctx, service.ServiceURL("servers", id, "metadata", url.PathEscape(key)), nil)
	return err
}

// SetTags replaces all tags, since 2.26.
func (s Servers) SetTags(ctx context.Context, id string, tags []string) error {
	service, err := s.Client.At(ctx, 26)
	if err != nil {
		return err
	}
	_, err = service.Put(ctx, service.ServiceURL("servers", id, "tags"), map[string]any{"tags": tags}, nil,
		&gophercloud.RequestOpts{OkCodes: []int{http.StatusOK}})
	return err
}
