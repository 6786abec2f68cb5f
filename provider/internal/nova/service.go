// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
)

// Compute is the binary of the services that run servers.
const Compute = "nova-compute"

// ServicesByID is the first microversion whose services have UUIDs, by which they are changed.
const ServicesByID client.Microversion = 53

// Service is one of Nova's services (GET /os-services), for administrators.
type Service struct {
	ID             ServiceID `json:"id"`
	Binary         string    `json:"binary"`
	Host           string    `json:"host"`
	Zone           string    `json:"zone"`
	Status         string    `json:"status"` // "enabled" or "disabled"
	State          string    `json:"state"`  // "up" or "down"
	DisabledReason string    `json:"disabled_reason"`
	ForcedDown     bool      `json:"forced_down"` // since 2.11
}

// ServiceID is a UUID since 2.53, and a number before.
type ServiceID string

// UnmarshalJSON takes a string or a number.
func (i *ServiceID) UnmarshalJSON(text []byte) error {
	if strings.HasPrefix(string(text), `"`) {
		return json.Unmarshal(text, (*string)(i))
	}
	*i = ServiceID(text)
	return nil
}

// Services are the services of a cloud.
type Services struct{ Client *client.Client }

// On is the service of that binary on a host; nil if there is none.
func (s Services) On(ctx context.Context, host, binary string) (*Service, error) {
	service, _, err := s.Client.Best(ctx, ServicesByID)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Services []Service `json:"services"`
	}
	query := url.Values{"host": {host}, "binary": {binary}}
	if _, err := service.Get(ctx, service.ServiceURL("os-services")+"?"+query.Encode(), &answer, nil); err != nil {
		return nil, err
	}
	for _, found := range answer.Services {
		if found.Host == host && found.Binary == binary {
			return &found, nil
		}
	}
	return nil, nil
}

// Enable lets the scheduler put servers on the service's host; Disable keeps it from that, for a reason that may be "".
func (s Services) Enable(ctx context.Context, of *Service) error {
	return s.change(ctx, of, "enable", map[string]any{"status": "enabled"})
}

// Disable is Enable's opposite.
func (s Services) Disable(ctx context.Context, of *Service, reason string) error {
	if reason == "" {
		return s.change(ctx, of, "disable", map[string]any{"status": "disabled"})
	}
	return s.change(ctx, of, "disable-log-reason", map[string]any{"status": "disabled", "disabled_reason": reason})
}

// change changes a service: by its id, or by the name of what is to be done up to 2.52.
func (s Services) change(ctx context.Context, of *Service, action string, fields map[string]any) error {
	service, at, err := s.Client.Best(ctx, ServicesByID)
	if err != nil {
		return err
	}
	address := service.ServiceURL("os-services", url.PathEscape(string(of.ID)))
	if at < ServicesByID {
		address = service.ServiceURL("os-services", action)
		delete(fields, "status")
		fields["host"], fields["binary"] = of.Host, of.Binary
	}
	_, err = service.Put(ctx, address, fields, nil, &gophercloud.RequestOpts{OkCodes: []int{http.StatusOK}})
	return err
}
