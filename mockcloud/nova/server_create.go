// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"cmp"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// createBody is the body of POST /servers.
type createBody struct {
	Server   ServerCreate    `json:"server" need:"2.1-"`
	Hints    *schedulerHints `json:"os:scheduler_hints"`
	OldHints *schedulerHints `json:"OS-SCH-HNT:scheduler_hints"`
}

// ServerCreate is what a server is to be.
type ServerCreate struct {
	Name             name                         `json:"name"      need:"2.1-" len:"1-255"`
	FlavorRef        flavorRef                    `json:"flavorRef" need:"2.1-"`
	ImageRef         api.Opt[imageRef]            `json:"imageRef"  format:"uuid-or-empty"`
	AdminPass        string                       `json:"adminPass"`
	Metadata         map[string]string            `json:"metadata"  keys:"^[a-zA-Z0-9-_:. ]{1,255}$" itemlen:"0-255"`
	OldNetworks      []networkRequest             `json:"networks"  nova:"-2.36"`
	Networks         api.WordOr[[]networkRequest] `json:"networks"  nova:"2.37-" need:"2.37-" oneof:"none auto"`
	Personality      []injectedFile               `json:"personality" nova:"-2.56"`
	AvailabilityZone name                         `json:"availability_zone" len:"1-255"`
	ConfigDrive      api.Boolean                  `json:"config_drive"`
	KeyName          name                         `json:"key_name" len:"1-255"`
	MinCount         api.Opt[api.Natural]         `json:"min_count" range:"1-"`
	MaxCount         api.Opt[api.Natural]         `json:"max_count" range:"1-"`
	ReservationID    api.Boolean                  `json:"return_reservation_id"`
	SecurityGroups   api.Opt[[]namedGroup]        `json:"security_groups"`
	UserData         string                       `json:"user_data" len:"0-65535" format:"base64"`
	AccessIPv4       string                       `json:"accessIPv4" format:"ipv4"`
	AccessIPv6       string                       `json:"accessIPv6" format:"ipv6"`
	DiskConfig       string                       `json:"OS-DCF:diskConfig" oneof:"AUTO MANUAL"`
	BlockDevices     []blockDevice                `json:"block_device_mapping_v2"`
	OldBlockDevices  []legacyBlockDevice          `json:"block_device_mapping"`
	Description      api.Opt[string]              `json:"description" nova:"2.19-" null:"ok" len:"0-255" format:"printable"`
	Tags             []string                     `json:"tags" nova:"2.52-" len:"0-50" itemlen:"1-60" pattern:"^[^,/]*$"`
	TrustedCerts     []string                     `json:"trusted_image_certificates" nova:"2.63-" null:"ok" len:"1-50" itemlen:"1-"`
	Host             string                       `json:"host" nova:"2.74-" len:"1-255" pattern:"^[a-zA-Z0-9-._]*$"`
	Node             string                       `json:"hypervisor_hostname" nova:"2.74-" len:"1-255" pattern:"^[a-zA-Z0-9-._]*$"`
	OldHostname      string                       `json:"hostname" nova:"2.90-2.93" len:"2-63" pattern:"^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$"`
	Hostname         string                       `json:"hostname" nova:"2.94-" len:"1-255" pattern:"^[a-zA-Z0-9-._]*$"`
}

// networkRequest is a NIC that is asked for.
type networkRequest struct {
	OldUUID string          `json:"uuid" nova:"-2.36"`
	UUID    string          `json:"uuid" nova:"2.37-" format:"uuid"`
	Port    api.Opt[string] `json:"port" null:"ok" format:"uuid"`
	FixedIP string          `json:"fixed_ip" format:"ip"`
	Tag     string          `json:"tag" nova:"2.32-2.36,2.42-" len:"1-60" pattern:"^[^,/]*$"`
}

type injectedFile struct {
	Path     string `json:"path"`
	Contents string `json:"contents" format:"base64"`
}

// serverCreated is the answer: the server, or what was reserved.
type serverCreated struct {
	Server        *createdServer `json:"server,omitempty"`
	ReservationID string         `json:"reservation_id,omitempty"`
}

type createdServer struct {
	ID             string       `json:"id"`
	Links          []api.Link   `json:"links"`
	DiskConfig     string       `json:"OS-DCF:diskConfig"`
	SecurityGroups []namedGroup `json:"security_groups"`
	AdminPass      string       `json:"adminPass"`
}

func (s *Service) createServer(c *api.Call, in *createBody) (serverCreated, error) {
	request, err := s.createRequest(c, in)
	if err != nil {
		return serverCreated{}, err
	}
	made, err := s.Compute.Create(c.Context(), caller(c), *request)
	if err != nil {
		return serverCreated{}, refusedCreate(err)
	}
	if in.Server.ReservationID {
		return serverCreated{ReservationID: made[0].ReservationID}, nil
	}
	first := made[0]
	c.Header().Set("Location", c.URL(c.InProject("/servers/"+first.ID)))
	groups := in.Server.SecurityGroups.Value
	if !in.Server.SecurityGroups.Set {
		groups = []namedGroup{{Name: "default"}}
	}
	return serverCreated{Server: &createdServer{
		ID: first.ID, Links: c.Links(c.InProject("/servers/" + first.ID)), DiskConfig: string(first.DiskConfig),
		SecurityGroups: groups, AdminPass: request.AdminPassword,
	}}, nil
}

// refusedCreate is compute's refusal in the API's words and codes: what the request names and is not
// there makes it a bad request.
func refusedCreate(err error) error {
	switch {
	case errors.As(err, new(*compute.ImageNotFound)):
		return api.BadRequest("Can not find requested image")
	case compute.KindOf(err) == compute.NotFound:
		return api.BadRequest("%s", err)
	}
	return refused(err)
}

func (s *Service) createRequest(c *api.Call, body *createBody) (*compute.CreateRequest, error) {
	in := &body.Server
	request := &compute.CreateRequest{
		Name: string(in.Name), Hostname: cmp.Or(in.Hostname, in.OldHostname), UserData: in.UserData,
		ConfigDrive: bool(in.ConfigDrive), Metadata: in.Metadata, Tags: in.Tags, DiskConfig: compute.DiskConfig(in.DiskConfig),
		AccessIPv4: canonical(in.AccessIPv4), AccessIPv6: canonical(in.AccessIPv6), TrustedCerts: in.TrustedCerts,
		AvailabilityZone: string(in.AvailabilityZone), Host: in.Host, HypervisorHostname: in.Node, AdminPassword: in.AdminPass,
	}
	if hints := cmp.Or(body.Hints, body.OldHints); hints != nil {
		var err error
		if request.SchedulerHints, err = hints.all(); err != nil {
			return nil, err
		}
		takeCells(c, request.SchedulerHints, request)
	}
	request.Description = in.Description.Pointer()
	if !c.Since(describedByUser) {
		request.Description = &request.Name
	}
	for _, step := range []func(*api.Call, *ServerCreate, *compute.CreateRequest) error{
		s.takeCounts, s.authorizeCreate, takeBoot, takeNetworks, takeFiles, s.takeFlavorAndKey, s.takePassword,
	} {
		if err := step(c, in, request); err != nil {
			return nil, err
		}
	}
	return request, nil
}

func (s *Service) takeCounts(_ *api.Call, in *ServerCreate, to *compute.CreateRequest) error {
	to.MinCount = 1
	if in.MinCount.Set {
		to.MinCount = int(in.MinCount.Value)
	}
	to.MaxCount = to.MinCount
	if in.MaxCount.Set {
		to.MaxCount = int(in.MaxCount.Value)
	}
	if to.MinCount > to.MaxCount {
		return api.BadRequest("min_count must be <= max_count")
	}
	return nil
}

// authorizeCreate asks for the rules of what the request makes use of.
func (s *Service) authorizeCreate(c *api.Call, in *ServerCreate, _ *compute.CreateRequest) error {
	forced := strings.Contains(string(in.AvailabilityZone), ":")
	if forced && (in.Host != "" || in.Node != "") {
		return api.BadRequest("One mechanism with host and/or hypervisor_hostname and another mechanism with " +
			"zone:host:node are mutually exclusive.")
	}
	for _, use := range []struct {
		used bool
		rule string
	}{
		{true, rule("servers:create")},
		{len(in.TrustedCerts) > 0, rule("servers:create:trusted_certs")},
		{forced, rule("servers:create:forced_host")},
		{in.Host != "" || in.Node != "", "compute:servers:create:requested_destination"},
		{len(in.BlockDevices)+len(in.OldBlockDevices) > 0, rule("servers:create:attach_volume")},
		{len(in.OldNetworks)+len(in.Networks.Value) > 0 || in.Networks.Word == "auto", rule("servers:create:attach_network")},
	} {
		if !use.used {
			continue
		}
		if err := c.Authorize(use.rule, c.Own()); err != nil {
			return err
		}
	}
	return nil
}

func takeNetworks(c *api.Call, in *ServerCreate, to *compute.CreateRequest) error {
	if in.Networks.Word != "" {
		to.Networks = []compute.RequestedNetwork{{Auto: in.Networks.Word == "auto", None: in.Networks.Word == "none"}}
	}
	var ports []string
	for _, n := range append(in.OldNetworks, in.Networks.Value...) {
		want := compute.RequestedNetwork{NetworkID: n.UUID + n.OldUUID, PortID: n.Port.Value, FixedIP: n.FixedIP, Tag: n.Tag}
		switch {
		case want.PortID == "" && want.NetworkID == "":
			return api.BadRequest("Bad network format: missing 'uuid'")
		case want.PortID == "" && !isUUID(want.NetworkID):
			return api.BadRequest("Bad networks format: network uuid is not in proper format (%s)", want.NetworkID)
		case want.PortID != "" && slices.Contains(ports, want.PortID):
			return api.BadRequest("Port ID '%s' was specified twice: you cannot attach a port multiple times.", want.PortID)
		case want.PortID != "" && want.FixedIP != "":
			return api.BadRequest("Specified Fixed IP '%s' cannot be used with port '%s': the two cannot be specified together.",
				want.FixedIP, want.PortID)
		case want.PortID != "":
			ports = append(ports, want.PortID)
			want.NetworkID = ""
		}
		to.Networks = append(to.Networks, want)
	}
	if in.SecurityGroups.Set {
		for _, group := range in.SecurityGroups.Value {
			if group.Name != "" && !slices.Contains(to.SecurityGroups, string(group.Name)) {
				to.SecurityGroups = append(to.SecurityGroups, string(group.Name))
			}
		}
	}
	return nil
}

func takeFiles(_ *api.Call, in *ServerCreate, to *compute.CreateRequest) (err error) {
	to.InjectedFiles, err = files(in.Personality)
	return err
}

// files is a personality's content by path; nil of an empty one.
func files(personality []injectedFile) (map[string][]byte, error) {
	if len(personality) == 0 {
		return nil, nil
	}
	contents := map[string][]byte{}
	for _, file := range personality {
		content, err := api.DecodeBase64(file.Contents)
		if err != nil {
			return nil, api.BadRequest("Personality content for %s cannot be decoded", file.Path)
		}
		contents[file.Path] = content
	}
	return contents, nil
}

// takeFlavorAndKey looks up what the request names.
func (s *Service) takeFlavorAndKey(c *api.Call, in *ServerCreate, to *compute.CreateRequest) error {
	return s.Store.View(c.Context(), func(tx store.Tx) error {
		f, err := findFlavor(tx, c, in.FlavorRef.id())
		if err != nil {
			if fault := api.AsFault(err); fault != nil {
				return api.BadRequest("%s", fault.Message)
			}
			return err
		}
		to.Flavor = f.Flavor
		if in.KeyName == "" {
			return nil
		}
		k, err := keypairTable.Get(tx, keypairKey(c.Identity.UserID, string(in.KeyName)))
		if isNotFound(err) {
			return api.BadRequest("Invalid key_name provided.")
		}
		if err != nil {
			return err
		}
		to.KeyPair = &compute.KeyPair{Name: k.Name, Type: k.Type, PublicKey: k.PublicKey}
		return nil
	})
}

// takePassword makes the administrator's password, unless the request brings one.
func (s *Service) takePassword(_ *api.Call, _ *ServerCreate, to *compute.CreateRequest) error {
	if to.AdminPassword != "" {
		return nil
	}
	var err error
	to.AdminPassword, err = password(s.Random)
	return err
}

// password is 12 random characters that are easy to tell apart.
func password(random io.Reader) (string, error) {
	const symbols = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	raw := make([]byte, 12)
	for i := 0; i < len(raw); {
		if _, err := io.ReadFull(random, raw[i:i+1]); err != nil {
			return "", err
		}
		if int(raw[i]) < 256/len(symbols)*len(symbols) { // no symbol is likelier than another
			raw[i] = symbols[int(raw[i])%len(symbols)]
			i++
		}
	}
	return string(raw), nil
}
