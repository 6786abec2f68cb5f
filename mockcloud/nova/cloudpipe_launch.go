// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

const (
	// vpnFlavor is the flavor of VPN servers, by name ([cloudpipe] vpn_flavor).
	vpnFlavor = "m1.tiny"
	// vpnSuffix makes a project's id the name of what is its VPN's ([cloudpipe] vpn_key_suffix).
	vpnSuffix = "-vpn"
	// vpnPort is OpenVPN's.
	vpnPort = 1194
)

// createCloudpipe makes the project's VPN server, unless it has one.
func (s *Service) createCloudpipe(c *api.Call, in *CloudpipeCreate) (cloudpipeCreated, error) {
	project := cmp.Or(in.ProjectID, c.ProjectID())
	there, err := s.vpnServers(c, project)
	if err != nil {
		return cloudpipeCreated{}, err
	}
	if len(there) > 0 {
		return cloudpipeCreated{there[0].ID}, nil
	}
	if s.ProjectExists != nil {
		exists, err := s.ProjectExists(c.Context(), project)
		if err != nil {
			return cloudpipeCreated{}, err
		}
		if !exists {
			return cloudpipeCreated{}, api.BadRequest("Project ID %s is not a valid project.", project)
		}
	}
	made, err := s.launchVPN(c, project)
	if err != nil {
		return cloudpipeCreated{}, err
	}
	// Who asked at the same time made one, too: the older stays.
	if there, err = s.vpnServers(c, project); err != nil || len(there) == 0 || there[0].ID == made.ID {
		return cloudpipeCreated{made.ID}, err
	}
	return cloudpipeCreated{there[0].ID}, refused(s.Compute.ForceDelete(c.Context(), caller(c), made.ID))
}

// launchVPN begins to build a project's VPN server on all its networks: a server like any other of the project's,
// whose user data makes it a VPN's end where its image runs that (see vpnPayload).
func (s *Service) launchVPN(c *api.Call, projectID string) (*compute.Instance, error) {
	request := compute.CreateRequest{Name: projectID + vpnSuffix}
	request.Description = &request.Name
	for _, step := range []func(*api.Call, string, *compute.CreateRequest) error{
		s.takeVPNImage, s.takeVPNFlavor, s.takeVPNNetworks, s.takeVPNGroup, s.takeVPNKey, s.takeVPNPayload,
	} {
		if err := step(c, projectID, &request); err != nil {
			return nil, err
		}
	}
	made, err := s.Compute.Create(c.Context(), compute.Caller{
		RequestID: c.RequestID, UserID: vpnUser, UserName: vpnUser, ProjectID: projectID,
	}, request)
	if err != nil {
		return nil, refusedCreate(err)
	}
	return made[0], nil
}

func (s *Service) takeVPNImage(c *api.Call, _ string, to *compute.CreateRequest) error {
	if to.ImageID = s.VPNImage; isUUID(s.VPNImage) {
		return nil
	}
	found, err := s.Images.List(c.Context(), c.Identity, url.Values{"name": {s.VPNImage}, "status": {"active"}})
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return api.BadRequest("Image %s could not be found.", s.VPNImage)
	}
	to.ImageID = found[0].ID
	return nil
}

func (s *Service) takeVPNFlavor(c *api.Call, _ string, to *compute.CreateRequest) error {
	return s.Store.View(c.Context(), func(tx store.Tx) error {
		found, err := flavorTable.By(tx, "name", vpnFlavor)
		if err == nil && len(found) == 0 {
			err = api.BadRequest("Flavor with name %s could not be found.", vpnFlavor)
		}
		if err == nil {
			to.Flavor = found[0].Flavor
		}
		return err
	})
}

// takeVPNNetworks has a project without networks of its own get the one that it may use.
func (s *Service) takeVPNNetworks(c *api.Call, projectID string, to *compute.CreateRequest) error {
	networks, err := s.projectNetworks(c, projectID)
	for _, id := range networks {
		to.Networks = append(to.Networks, compute.RequestedNetwork{NetworkID: id})
	}
	return err
}

// takeVPNGroup sees to the security group that lets in OpenVPN and pings.
func (s *Service) takeVPNGroup(c *api.Call, projectID string, to *compute.CreateRequest) error {
	if s.Networks == nil {
		return errNoNetworks()
	}
	id, err := s.Networks.Group(c.Context(), projectID, projectID+vpnSuffix, "Group for vpn")
	if fault := api.AsFault(err); fault != nil && fault.Code == http.StatusConflict {
		return api.Forbidden("%s", fault.Message) // the quota's
	}
	if err != nil {
		return err
	}
	n := s.neutron(c)
	to.SecurityGroups = []string{id} // its name others may have, too
	for _, rule := range []object{
		{"protocol": "udp", "port_range_min": vpnPort, "port_range_max": vpnPort},
		{"protocol": "icmp"},
	} {
		rule["security_group_id"], rule["project_id"] = id, projectID
		rule["direction"], rule["ethertype"], rule["remote_ip_prefix"] = "ingress", "IPv4", "0.0.0.0/0"
		_, err := neutronRules.create(n, rule)
		var fault *neutronFault
		if errors.As(err, &fault) && fault.Type == "SecurityGroupRuleExists" {
			continue
		}
		if err != nil {
			return inNovasWords(err, networkWords{status: http.StatusConflict, code: http.StatusForbidden})
		}
	}
	return nil
}

// takeVPNKey sees to the key pair of the project's VPN. Nova kept the private half of one that it made in a file that
// no API tells of. Here nobody has it: an administrator who wants to log in imports a pair of that name for vpnUser
// before.
func (s *Service) takeVPNKey(c *api.Call, projectID string, to *compute.CreateRequest) error {
	made, err := generateKey(s.Random, sshKey, vpnUser, s.Clock.Now())
	if err != nil {
		return err
	}
	record := &keypairRecord{UserID: vpnUser, Name: projectID + vpnSuffix, Type: sshKey, PublicKey: made.public, CreatedAt: s.Clock.Now()}
	if record.Fingerprint, err = fingerprint(sshKey, made.public); err != nil {
		return err
	}
	return s.Store.Update(c.Context(), func(tx store.Tx) error {
		pair, err := keypairTable.Get(tx, keypairKey(vpnUser, record.Name))
		if errors.Is(err, store.ErrNotFound) {
			pair, err = record, s.insertKeypair(tx, c, record)
		}
		if err != nil {
			return err
		}
		to.KeyPair = &compute.KeyPair{Name: pair.Name, Type: pair.Type, PublicKey: pair.PublicKey}
		return nil
	})
}

func (s *Service) takeVPNPayload(c *api.Call, projectID string, to *compute.CreateRequest) (err error) {
	if to.UserData, err = s.vpnPayload(c.Context(), projectID); err != nil {
		return err
	}
	to.AdminPassword, err = password(s.Random)
	return err
}
