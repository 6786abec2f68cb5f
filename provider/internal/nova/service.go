// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
)

// The microversions of what services have.
const (
	// WithForcedDown is the first at which a service can be called down whatever it says itself.
	WithForcedDown client.Microversion = 11
	// ServicesByID is the first whose services have UUIDs, by which they are changed, and in one call.
	ServicesByID client.Microversion = 53
	// withHiddenServices is the first to show services in cells that are down.
	withHiddenServices client.Microversion = 69
)

// Compute is the binary of the services that run servers, which alone can be changed.
const Compute = "nova-compute"

// What a service may be.
const (
	Enabled  = "enabled"
	Disabled = "disabled"
)

// ServiceChange is a change of a service; what is nil, or "", stays. A reason is given with the status Disabled only.
type ServiceChange struct {
	Status     string
	Reason     string
	ForcedDown *bool
}

// Service is one of Nova's services (GET /os-services), for administrators.
type Service struct {
	ID             ServiceID `json:"id"` // "" of a service in a cell that is down
	Binary         string    `json:"binary"`
	Host           string    `json:"host"`
	Zone           string    `json:"zone"`
	Status         string    `json:"status"` // Enabled, Disabled
	State          string    `json:"state"`  // up, down
	DisabledReason string    `json:"disabled_reason"`
	ForcedDown     *bool     `json:"forced_down"` // since 2.11
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

// ErrServiceHidden is the error of reading a service whose cell does not answer Nova. Since 2.69 Nova shows that there
// is such a service; before, it leaves it out.
var ErrServiceHidden = errors.New("the cell of the service is down: Nova knows that it exists, but nothing more about it")

// Services are Nova's own services.
type Services struct{ Client *client.Client }

// On is the service of that binary on a host; nil if there is none, ErrServiceHidden if its cell is down.
func (s Services) On(ctx context.Context, host, binary string) (*Service, error) {
	return s.one(ctx, url.Values{"host": {host}, "binary": {binary}}, func(found Service) bool {
		return found.Host == host && found.Binary == binary
	})
}

// Find is the service with this id, nil if there is none.
func (s Services) Find(ctx context.Context, id string) (*Service, error) {
	return s.one(ctx, nil, func(found Service) bool { return string(found.ID) == id })
}

func (s Services) one(ctx context.Context, query url.Values, is func(Service) bool) (*Service, error) {
	service, _, err := s.Client.Best(ctx, withHiddenServices)
	if err != nil {
		return nil, err
	}
	address := service.ServiceURL("os-services")
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	var answer struct {
		Services []Service `json:"services"`
	}
	if _, err := service.Get(ctx, address, &answer, nil); err != nil {
		return nil, err
	}
	at := slices.IndexFunc(answer.Services, is)
	switch {
	case at < 0:
		return nil, nil
	case answer.Services[at].ID == "":
		return nil, ErrServiceHidden
	}
	return &answer.Services[at], nil
}

// Enable lets the scheduler put servers on the service's host; Disable keeps it from that, for a reason that may be "".
func (s Services) Enable(ctx context.Context, of *Service) error {
	return s.Change(ctx, of, ServiceChange{Status: Enabled})
}

// Disable is Enable's opposite.
func (s Services) Disable(ctx context.Context, of *Service, reason string) error {
	return s.Change(ctx, of, ServiceChange{Status: Disabled, Reason: reason})
}

// Change changes a service: since 2.53 in one call, before by one for each thing. A host that is taken out of service is
// forced down first, so that nobody waits for an answer of a dead one.
func (s Services) Change(ctx context.Context, on *Service, change ServiceChange) error {
	if s.Client.Check(ctx, ServicesByID) == nil {
		body := map[string]any{}
		if change.Status != "" {
			body["status"] = change.Status
		}
		if change.Reason != "" {
			body["disabled_reason"] = change.Reason
		}
		if change.ForcedDown != nil {
			body["forced_down"] = *change.ForcedDown
		}
		return s.put(ctx, ServicesByID, string(on.ID), body)
	}
	of := map[string]any{"host": on.Host, "binary": on.Binary}
	if change.ForcedDown != nil {
		err := s.put(ctx, WithForcedDown, "force-down", map[string]any{"host": on.Host, "binary": on.Binary, "forced_down": *change.ForcedDown})
		if err != nil {
			return err
		}
	}
	switch {
	case change.Status == Enabled:
		return s.put(ctx, 1, "enable", of)
	case change.Status == Disabled && change.Reason != "":
		of["disabled_reason"] = change.Reason
		return s.put(ctx, 1, "disable-log-reason", of)
	case change.Status == Disabled:
		return s.put(ctx, 1, "disable", of)
	}
	return nil
}

func (s Services) put(ctx context.Context, at client.Microversion, what string, body map[string]any) error {
	service, err := s.Client.At(ctx, at)
	if err != nil {
		return err
	}
	_, err = service.Put(ctx, service.ServiceURL("os-services", url.PathEscape(what)), body, nil,
		&gophercloud.RequestOpts{OkCodes: []int{http.StatusOK}})
	return err
}

// Delete removes the record of a service; that it is not there is no error.
func (s Services) Delete(ctx context.Context, of *Service) error {
	service, _, err := s.Client.Best(ctx, withHiddenServices) // the version that the id is from
	if err != nil {
		return err
	}
	return Remove(ctx, service, service.ServiceURL("os-services", string(of.ID)))
}
