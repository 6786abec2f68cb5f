// SPDX-License-Identifier: MPL-2.0

package compute

import "context"

// CreateRequest is a request for servers, checked by the API for its form.
type CreateRequest struct {
	Name               string
	Description        *string
	Hostname           string // requested by the user (since 2.90); "" derives it from the name
	ImageID            string
	Flavor             Flavor
	KeyPair            *KeyPair
	UserData           string // base64
	ConfigDrive        bool
	Metadata           map[string]string
	Tags               []string
	DiskConfig         DiskConfig // "" goes by the image
	AccessIPv4         string
	AccessIPv6         string
	TrustedCerts       []string
	AvailabilityZone   string // as given: "zone", "zone:host", "zone:host:node", "zone::node"
	Host               string // requested host, since 2.74
	HypervisorHostname string // requested node, since 2.74
	SchedulerHints     map[string][]string
	SecurityGroups     []string
	Networks           []RequestedNetwork
	MinCount, MaxCount int // 0 is 1
	AdminPassword      string
	InjectedFiles      map[string][]byte // personality, up to 2.56: path to content
}

// Create records the servers and begins to build them: as many as quota allows between MinCount and
// MaxCount. The instances are returned as they were recorded: building, scheduling.
func (m *Manager) Create(ctx context.Context, caller Caller, request CreateRequest) ([]*Instance, error) {
	return nil, errUnbuilt
}
