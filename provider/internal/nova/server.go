// SPDX-License-Identifier: MPL-2.0

// Package nova is the provider's reading of Nova's server API: the shapes and calls that gophercloud
// has not, or not at the microversions that are used here.
package nova

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
)

// The microversions of what this package uses.
const (
	// Newest is what servers are read at where the cloud offers it: from 2.98 on answers repeat the
	// image's properties, which nothing here needs.
	Newest client.Microversion = 96
	// WithDescription is the first to have descriptions; before, Nova wrote the name there by itself.
	WithDescription client.Microversion = 19
	// WithFlavorID is the last to show the id of a server's flavor; later ones show what is in it.
	WithFlavorID client.Microversion = 46
)

// Statuses of servers that decisions depend on.
const (
	Active       = "ACTIVE"
	Build        = "BUILD"
	Error        = "ERROR"
	Shutoff      = "SHUTOFF"
	Rebuild      = "REBUILD"
	Paused       = "PAUSED"
	Suspended    = "SUSPENDED"
	Shelved      = "SHELVED"
	Offloaded    = "SHELVED_OFFLOADED"
	Rescue       = "RESCUE"
	VerifyResize = "VERIFY_RESIZE"
	Unknown      = "UNKNOWN"
	Deleted      = "DELETED"
	SoftDeleted  = "SOFT_DELETED"
)

// Server is a server as GET /servers/{id} shows it.
type Server struct {
	ID                 string               `json:"id"`
	Name               string               `json:"name"`
	Status             string               `json:"status"`
	VMState            string               `json:"OS-EXT-STS:vm_state"`
	TaskState          string               `json:"OS-EXT-STS:task_state"`
	Power              int                  `json:"OS-EXT-STS:power_state"` // what the hypervisor says: 1 is running, 4 is shut down
	DiskConfig         string               `json:"OS-DCF:diskConfig"`      // AUTO or MANUAL
	ProjectID          string               `json:"tenant_id"`
	UserID             string               `json:"user_id"`
	Image              Image                `json:"image"`
	Flavor             Flavor               `json:"flavor"`
	KeyName            string               `json:"key_name"`
	Metadata           map[string]string    `json:"metadata"`
	Addresses          map[string][]Address `json:"addresses"`
	AccessIPv4         string               `json:"accessIPv4"`
	AccessIPv6         string               `json:"accessIPv6"`
	SecurityGroups     []SecurityGroup      `json:"security_groups"`
	ConfigDrive        string               `json:"config_drive"` // "True" or ""
	Created            string               `json:"created"`
	Updated            string               `json:"updated"`
	LaunchedAt         string               `json:"OS-SRV-USG:launched_at"`
	AvailabilityZone   string               `json:"OS-EXT-AZ:availability_zone"`
	HostID             string               `json:"hostId"`
	Fault              *Fault               `json:"fault"`
	Host               string               `json:"OS-EXT-SRV-ATTR:host"`                // administrators only
	HypervisorHostname string               `json:"OS-EXT-SRV-ATTR:hypervisor_hostname"` // administrators only
	InstanceName       string               `json:"OS-EXT-SRV-ATTR:instance_name"`       // administrators only
	UserData           string               `json:"OS-EXT-SRV-ATTR:user_data"`           // since 2.3, administrators only
	Hostname           string               `json:"OS-EXT-SRV-ATTR:hostname"`            // since 2.3 for administrators, 2.90 for all
	Locked             bool                 `json:"locked"`                              // since 2.9
	LockedReason       string               `json:"locked_reason"`                       // since 2.73
	Description        string               `json:"description"`                         // since 2.19
	Tags               []string             `json:"tags"`                                // since 2.26
	ServerGroups       []string             `json:"server_groups"`                       // since 2.71
	TrustedCerts       []string             `json:"trusted_image_certificates"`          // since 2.63
	Volumes            []ServerVolume       `json:"os-extended-volumes:volumes_attached"`
	RootDevice         string               `json:"OS-EXT-SRV-ATTR:root_device_name"` // since 2.3, administrators only
	// Mark is what Create left in the metadata under MarkKey; it is not in Metadata.
	Mark string `json:"-"`
}

// MarkKey is the key of the metadata by which a server is known whose creation was answered by nothing. It stays: to
// remove it would be another call for each server.
const MarkKey = "terraform:create"

// unmark takes the mark of Create out of the metadata.
func (s *Server) unmark() {
	s.Mark = s.Metadata[MarkKey]
	delete(s.Metadata, MarkKey)
}

// ErrCellDown is the error of reading a server whose cell does not answer Nova. Since 2.69 Nova shows
// little more than the id of such a server, which is not to be taken for what is true of it.
var ErrCellDown = errors.New("the cell of the server is down: Nova knows that it exists, but little more about it")

// hidden is whether s is only what Nova knows of a server in a cell that is down.
func (s *Server) hidden() bool { return s.Status == Unknown && s.Name == "" }

// Image is the id of a server's image. Nova shows "" for a server that boots from a volume.
type Image struct {
	ID string `json:"id"`
}

// UnmarshalJSON takes an object or a string.
func (i *Image) UnmarshalJSON(text []byte) error {
	if bytes.HasPrefix(text, []byte(`"`)) {
		return nil
	}
	type plain Image
	return json.Unmarshal(text, (*plain)(i))
}

// Flavor is a server's flavor: up to 2.46 its id, then what is in it.
type Flavor struct {
	ID         string            `json:"id"`
	Name       string            `json:"original_name"`
	VCPUs      int64             `json:"vcpus"`
	RAM        int64             `json:"ram"`  // MiB
	Disk       int64             `json:"disk"` // GiB
	Ephemeral  int64             `json:"ephemeral"`
	Swap       int64             `json:"swap"` // MiB
	ExtraSpecs map[string]string `json:"extra_specs"`
}

// Address is an address of a server, listed under the name of its network.
type Address struct {
	Address string `json:"addr"`
	Version int64  `json:"version"`
	Type    string `json:"OS-EXT-IPS:type"` // fixed or floating
	MAC     string `json:"OS-EXT-IPS-MAC:mac_addr"`
}

// SecurityGroup is a security group of a server; the id is known only to SecurityGroups.
type SecurityGroup struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Fault says why a server is in ERROR.
type Fault struct {
	Code    int    `json:"code"`
	Created string `json:"created"`
	Message string `json:"message"`
	Details string `json:"details"`
}

// Servers are the servers of a cloud. It is a wait.Source.
type Servers struct{ Client *client.Client }

// Get reads a server at the newest microversion that the cloud offers.
func (s Servers) Get(ctx context.Context, id string) (*Server, error) {
	return s.GetAt(ctx, id, Newest)
}

// GetAt reads a server at the newest microversion up to v that the cloud offers.
func (s Servers) GetAt(ctx context.Context, id string, v client.Microversion) (*Server, error) {
	service, _, err := s.Client.Best(ctx, v)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Server *Server `json:"server"`
	}
	_, err = service.Get(ctx, service.ServiceURL("servers", url.PathEscape(id)), &answer, nil)
	if err == nil && (answer.Server == nil || answer.Server.ID == "") {
		err = fmt.Errorf("the answer to GET /servers/%s holds no server", id)
	}
	if err == nil && answer.Server.hidden() {
		err = ErrCellDown
	}
	if err != nil {
		return nil, err
	}
	answer.Server.unmark()
	return answer.Server, nil
}

// List reads those of ids that GET /servers/detail shows, with no more calls than one for each id.
// Nova lists the newest servers first, which are the ones that are waited for.
func (s Servers) List(ctx context.Context, ids []string) (map[string]*Server, error) {
	wanted := map[string]bool{}
	for _, id := range ids {
		wanted[id] = true
	}
	found := map[string]*Server{}
	pages := 0
	err := s.each(ctx, url.Values{}, func(page []*Server) bool {
		for _, server := range page {
			if wanted[server.ID] {
				found[server.ID] = server
			}
		}
		pages++
		return len(found) < len(wanted) && pages < len(wanted)
	})
	return found, err
}

// Named reads all servers with exactly this name. Nova's filter is a regular expression.
func (s Servers) Named(ctx context.Context, name string) ([]*Server, error) {
	var found []*Server
	query := url.Values{"name": {Exactly(name)}}
	err := s.each(ctx, query, func(page []*Server) bool {
		for _, server := range page {
			if server.Name == name {
				found = append(found, server)
			}
		}
		return true
	})
	return found, err
}

// Exactly is the regular expression that fits this name alone.
func Exactly(name string) string { return "^" + escape(name) + "$" }

// escape quotes what a regular expression would take as more than text, for the databases behind Nova.
func escape(name string) string {
	var b strings.Builder
	for _, r := range name {
		if strings.ContainsRune(`\.+*?()|[]{}^$`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// each calls more with each page of GET /servers/detail until it says false.
func (s Servers) each(ctx context.Context, query url.Values, more func([]*Server) bool) error {
	service, _, err := s.Client.Best(ctx, Newest)
	if err != nil {
		return err
	}
	next := service.ServiceURL("servers", "detail")
	if len(query) > 0 {
		next += "?" + query.Encode()
	}
	for next != "" {
		var page struct {
			Servers []*Server          `json:"servers"`
			Links   []gophercloud.Link `json:"servers_links"`
		}
		if _, err := service.Get(ctx, next, &page, nil); err != nil {
			return err
		}
		page.Servers = slices.DeleteFunc(page.Servers, func(s *Server) bool { return s == nil || s.hidden() })
		for _, server := range page.Servers {
			server.unmark()
		}
		if !more(page.Servers) {
			return nil
		}
		if next, err = gophercloud.ExtractNextURL(page.Links); err != nil {
			return err
		}
	}
	return nil
}

// SecurityGroups are the groups of a server with their ids, which the server itself does not show.
func (s Servers) SecurityGroups(ctx context.Context, id string) ([]SecurityGroup, error) {
	service, err := s.Client.At(ctx, 1)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Groups []SecurityGroup `json:"security_groups"`
	}
	_, err = service.Get(ctx, service.ServiceURL("servers", id, "os-security-groups"), &answer, nil)
	return answer.Groups, err
}
