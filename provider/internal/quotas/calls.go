// SPDX-License-Identifier: MPL-2.0

package quotas

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// The microversions that quotas are read and written at: later ones leave out limits that Nova still keeps.
const (
	whole      client.Microversion = 1  // all of them, but for the server groups in classes
	withGroups client.Microversion = 50 // server groups in classes
)

// Sets are the quotas of projects, and of users in them.
type Sets struct{ Client *client.Client }

// Get reads the limits in force for a project, or for a user in it unless that is "".
func (s Sets) Get(ctx context.Context, project, user string) (Values, error) {
	service, err := s.Client.At(ctx, whole)
	if err != nil {
		return nil, err
	}
	return get(ctx, service, address(service, project, user), "quota_set")
}

// Put sets limits and leaves the others alone; force also below what is used, and a user's above the project's.
func (s Sets) Put(ctx context.Context, project, user string, limits Values, force bool) error {
	service, err := s.Client.At(ctx, whole)
	if err != nil {
		return err
	}
	body := map[string]any{}
	for name, limit := range limits {
		body[name] = limit
	}
	if force {
		body["force"] = true
	}
	return put(ctx, service, address(service, project, user), "quota_set", body)
}

// Reset removes all limits of a project, also those of users in it, or those of one user.
func (s Sets) Reset(ctx context.Context, project, user string) error {
	service, err := s.Client.At(ctx, whole)
	if err != nil {
		return err
	}
	return nova.Remove(ctx, service, address(service, project, user))
}

func address(service *gophercloud.ServiceClient, project, user string) string {
	address := service.ServiceURL("os-quota-sets", url.PathEscape(project))
	if user != "" {
		address += "?" + url.Values{"user_id": {user}}.Encode()
	}
	return address
}

// Classes are the quota classes.
type Classes struct{ Client *client.Client }

// Get reads the limits of a class.
func (q Classes) Get(ctx context.Context, name string) (Values, error) {
	service, err := q.Client.At(ctx, whole)
	if err != nil {
		return nil, err
	}
	limits, err := get(ctx, service, service.ServiceURL("os-quota-class-sets", url.PathEscape(name)), "quota_class_set")
	if err != nil || q.Client.Check(ctx, withGroups) != nil {
		return limits, err
	}
	if service, err = q.Client.At(ctx, withGroups); err != nil {
		return nil, err
	}
	more, err := get(ctx, service, service.ServiceURL("os-quota-class-sets", url.PathEscape(name)), "quota_class_set")
	maps.Copy(limits, more)
	return limits, err
}

// Put sets limits of a class and leaves the others alone.
func (q Classes) Put(ctx context.Context, name string, limits Values) error {
	service, err := q.Client.At(ctx, whole)
	if err != nil {
		return err
	}
	return put(ctx, service, service.ServiceURL("os-quota-class-sets", url.PathEscape(name)), "quota_class_set", limits)
}

// get reads the limits under key; what else is there, the id for one, is no limit.
func get(ctx context.Context, service *gophercloud.ServiceClient, address, key string) (Values, error) {
	var answer map[string]map[string]json.RawMessage
	if _, err := service.Get(ctx, address, &answer, nil); err != nil {
		return nil, err
	}
	limits := Values{}
	for name := range table {
		text, ok := answer[key][name]
		if !ok {
			continue
		}
		var n int64
		if err := json.Unmarshal(text, &n); err != nil {
			return nil, fmt.Errorf("the limit %s is %s: %w", name, text, err)
		}
		limits[name] = n
	}
	return limits, nil
}

func put(ctx context.Context, service *gophercloud.ServiceClient, address, key string, body any) error {
	_, err := service.Put(ctx, address, map[string]any{key: body}, nil, &gophercloud.RequestOpts{OkCodes: []int{http.StatusOK}})
	return err
}
