// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"
	"errors"
	"maps"
	"net/http"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
)

// ServerCreate is the body of POST /servers.
type ServerCreate struct {
	Name             string            `json:"name"`
	ImageRef         string            `json:"imageRef,omitempty"` // none if it boots from a volume
	FlavorRef        string            `json:"flavorRef"`
	KeyName          string            `json:"key_name,omitempty"`
	Networks         any               `json:"networks,omitempty"` // "auto", "none" (2.37) or []NetworkRequest
	SecurityGroups   []NameRef         `json:"security_groups,omitempty"`
	BlockDevices     []BlockDevice     `json:"block_device_mapping_v2,omitempty"`
	UserData         string            `json:"user_data,omitempty"` // base64
	ConfigDrive      *bool             `json:"config_drive,omitempty"`
	Metadata         map[string]string `json:"metadata,omitempty"`
	AvailabilityZone string            `json:"availability_zone,omitempty"`
	AccessIPv4       string            `json:"accessIPv4,omitempty"`
	AccessIPv6       string            `json:"accessIPv6,omitempty"`
	Description      *string           `json:"description,omitempty"` // 2.19
	Tags             []string          `json:"tags,omitempty"`        // 2.52
	Hostname         string            `json:"hostname,omitempty"`    // 2.90
	DiskConfig       string            `json:"OS-DCF:diskConfig,omitempty"`
	AdminPass        string            `json:"adminPass,omitempty"`
	Personality      []File            `json:"personality,omitempty"` // up to 2.56
	TrustedCerts     []string          `json:"trusted_image_certificates,omitempty"`
	Host             string            `json:"host,omitempty"`                // 2.74, administrators only
	Hypervisor       string            `json:"hypervisor_hostname,omitempty"` // 2.74, administrators only
	// Mark goes to the metadata under MarkKey, unless it is "".
	Mark string `json:"-"`
	// Hints are beside the server in the body, not in it.
	Hints map[string]any `json:"-"`
}

// File is put into the guest, up to 2.56.
type File struct {
	Path     string `json:"path"`
	Contents string `json:"contents"` // base64
}

// NetworkRequest asks for one interface.
type NetworkRequest struct {
	UUID    string `json:"uuid,omitempty"`
	Port    string `json:"port,omitempty"`
	FixedIP string `json:"fixed_ip,omitempty"`
	Tag     string `json:"tag,omitempty"` // 2.32, and again from 2.42
}

// NameRef names a security group.
type NameRef struct {
	Name string `json:"name"`
}

// Create asks for a server and returns its id. By body's mark it finds what an attempt has made whose answer was lost,
// so that there is one server in the end; without one it does not try again.
func (s Servers) Create(ctx context.Context, at client.Microversion, body ServerCreate) (string, error) {
	if body.Mark == "" {
		return s.create(ctx, at, body)
	}
	body.Metadata = maps.Clone(body.Metadata)
	if body.Metadata == nil {
		body.Metadata = map[string]string{}
	}
	body.Metadata[MarkKey] = body.Mark
	made, err := client.Once(ctx, s.Client, func(ctx context.Context) (*Server, error) {
		id, err := s.create(ctx, at, body)
		return &Server{ID: id}, err
	}, func(ctx context.Context) (*Server, error) {
		all, err := s.Named(ctx, body.Name)
		for _, server := range all {
			if server.Mark == body.Mark {
				return server, err
			}
		}
		return nil, err
	})
	if err != nil {
		return "", err
	}
	return made.ID, nil
}

func (s Servers) create(ctx context.Context, at client.Microversion, body ServerCreate) (string, error) {
	service, err := s.Client.At(ctx, at)
	if err != nil {
		return "", err
	}
	var answer struct {
		Server struct {
			ID string `json:"id"`
		} `json:"server"`
	}
	request := map[string]any{"server": body}
	if len(body.Hints) > 0 {
		request["os:scheduler_hints"] = body.Hints
	}
	_, err = service.Post(ctx, service.ServiceURL("servers"), request, &answer,
		&gophercloud.RequestOpts{OkCodes: []int{http.StatusAccepted, http.StatusOK}})
	if err == nil && answer.Server.ID == "" {
		err = errors.New("the answer to POST /servers holds no id; whether there is a server now, only a list of them can tell")
	}
	return answer.Server.ID, err
}
