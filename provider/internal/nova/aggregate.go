// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strconv"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/aggregates"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
)

// WithAggregateUUID is the first microversion to show the UUIDs of aggregates, beside their numbers.
const WithAggregateUUID client.Microversion = 41

// ZoneKey is the metadata key under which Nova keeps an aggregate's availability zone.
const ZoneKey = "availability_zone"

var numberRule = regexp.MustCompile(`^[0-9]{1,10}$`)

// Aggregates are the host aggregates of a cloud, with their numbers as ids.
type Aggregates struct{ Client *client.Client }

// Get reads an aggregate.
func (a Aggregates) Get(ctx context.Context, id string) (*aggregates.Aggregate, error) {
	service, _, err := a.Client.Best(ctx, WithAggregateUUID)
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(id)
	if err != nil {
		return nil, err
	}
	return aggregates.Get(ctx, service, number).Extract()
}

// Named are the aggregates with this name: one or none.
func (a Aggregates) Named(ctx context.Context, name string) ([]aggregates.Aggregate, error) {
	service, _, err := a.Client.Best(ctx, WithAggregateUUID)
	if err != nil {
		return nil, err
	}
	pages, err := aggregates.List(service).AllPages(ctx)
	if err != nil {
		return nil, err
	}
	all, err := aggregates.ExtractAggregates(pages)
	return slices.DeleteFunc(all, func(found aggregates.Aggregate) bool { return found.Name != name }), err
}

// Find is the aggregate with this id, else the one with this name; nil if there is none.
func (a Aggregates) Find(ctx context.Context, text string) (*aggregates.Aggregate, error) {
	if numberRule.MatchString(text) {
		found, err := a.Get(ctx, text)
		if !absent(err) {
			return found, err
		}
	}
	named, err := a.Named(ctx, text)
	if err != nil || len(named) == 0 {
		return nil, err
	}
	return &named[0], nil
}

// Create makes an aggregate without hosts; zone nil is none.
func (a Aggregates) Create(ctx context.Context, name string, zone *string) (*aggregates.Aggregate, error) {
	service, err := a.Client.At(ctx, 1)
	if err != nil {
		return nil, err
	}
	fields := map[string]any{"name": name}
	if zone != nil {
		fields["availability_zone"] = *zone
	}
	return client.OnceAmong(ctx, a.Client, func(ctx context.Context) (*aggregates.Aggregate, error) {
		var answer struct {
			Aggregate aggregates.Aggregate `json:"aggregate"`
		}
		_, err := service.Post(ctx, service.ServiceURL("os-aggregates"), map[string]any{"aggregate": fields}, &answer,
			&gophercloud.RequestOpts{OkCodes: []int{http.StatusOK}})
		return &answer.Aggregate, err
	}, func(ctx context.Context) ([]aggregates.Aggregate, error) { return a.Named(ctx, name) },
		func(made *aggregates.Aggregate) string { return "aggregate " + strconv.Itoa(made.ID) })
}

// Update changes the fields name and availability_zone.
func (a Aggregates) Update(ctx context.Context, id string, fields map[string]any) error {
	service, err := a.Client.At(ctx, 1)
	if err != nil {
		return err
	}
	_, err = service.Put(ctx, service.ServiceURL("os-aggregates", id), map[string]any{"aggregate": fields}, nil,
		&gophercloud.RequestOpts{OkCodes: []int{http.StatusOK}})
	return err
}

// SetMetadata sets keys, or removes those that are nil, and leaves the others alone.
func (a Aggregates) SetMetadata(ctx context.Context, id string, metadata map[string]*string) error {
	return a.act(ctx, id, map[string]any{"set_metadata": map[string]any{"metadata": metadata}}, nil)
}

// AddHost puts a host into an aggregate.
func (a Aggregates) AddHost(ctx context.Context, id, host string) error {
	return a.act(ctx, id, map[string]any{"add_host": map[string]any{"host": host}}, func(ctx context.Context) (bool, error) {
		return a.has(ctx, id, host)
	})
}

// RemoveHost takes a host out of an aggregate; that it, or the aggregate, is not there is no error.
func (a Aggregates) RemoveHost(ctx context.Context, id, host string) error {
	err := a.act(ctx, id, map[string]any{"remove_host": map[string]any{"host": host}}, nil)
	if absent(err) {
		return nil
	}
	return err
}

// Delete removes an aggregate and takes its hosts out before, without which Nova does not; that it is not there is no
// error.
func (a Aggregates) Delete(ctx context.Context, id string) error {
	found, err := a.Get(ctx, id)
	if absent(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, host := range found.Hosts {
		if err := a.RemoveHost(ctx, id, host); err != nil {
			return err
		}
	}
	service, err := a.Client.At(ctx, 1)
	if err != nil {
		return err
	}
	return Remove(ctx, service, service.ServiceURL("os-aggregates", id))
}

func (a Aggregates) has(ctx context.Context, id, host string) (bool, error) {
	found, err := a.Get(ctx, id)
	if err != nil {
		return false, err
	}
	return slices.Contains(found.Hosts, host), nil
}

func (a Aggregates) act(ctx context.Context, id string, body map[string]any, done func(context.Context) (bool, error)) error {
	service, err := a.Client.At(ctx, 1)
	if err != nil {
		return err
	}
	return client.Act(ctx, a.Client, func(ctx context.Context) error {
		_, err := service.Post(ctx, service.ServiceURL("os-aggregates", id, "action"), body, nil,
			&gophercloud.RequestOpts{OkCodes: []int{http.StatusOK}})
		return err
	}, done)
}

// absent is whether err is a 404.
func absent(err error) bool { return gophercloud.ResponseCodeIs(err, http.StatusNotFound) }
