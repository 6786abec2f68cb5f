// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"errors"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// ServerRebuild is the body of the action rebuild.
type ServerRebuild struct {
	ServerRename
	ImageRef          imageRef           `json:"imageRef" need:"2.1-" format:"uuid"`
	AdminPass         api.Opt[string]    `json:"adminPass"`
	Metadata          *map[string]string `json:"metadata" keys:"^[a-zA-Z0-9-_:. ]{1,255}$" itemlen:"0-255"`
	PreserveEphemeral api.Boolean        `json:"preserve_ephemeral"`
	Personality       []injectedFile     `json:"personality" nova:"-2.56"`
	KeyName           api.Opt[name]      `json:"key_name"  nova:"2.54-" null:"ok" len:"1-255"`
	UserData          api.Opt[string]    `json:"user_data" nova:"2.57-" null:"ok" len:"0-65535" format:"base64"`
	TrustedCerts      api.Opt[[]string]  `json:"trusted_image_certificates" nova:"2.63-" null:"ok" len:"1-50" itemlen:"1-"`
}

// serverRebuilt is the answer of the action rebuild.
type serverRebuilt struct {
	serverCore
	serverMore `nova:"2.75-"`
	serverGroups
	OldKeyName *string `json:"key_name"  nova:"2.54-2.74"`
	UserData   *string `json:"user_data" nova:"2.57-"`
	AdminPass  string  `json:"adminPass"`
}

func (s *Service) rebuildAction() []api.Route {
	return []api.Route{api.Action(actionPath, "rebuild", s.rebuildServer).Answer("server")}
}

func (s *Service) rebuildServer(c *api.Call, in *ServerRebuild) (out serverRebuilt, err error) {
	inst, err := s.server(c, c.Var("id"), "servers:rebuild")
	if err != nil {
		return out, err
	}
	request, err := s.rebuildRequest(c, in, inst)
	if err != nil {
		return out, err
	}
	err = s.Compute.Rebuild(c.Context(), caller(c), inst.ID, *request)
	if errors.As(err, new(*compute.ImageNotFound)) {
		return out, api.BadRequest("Cannot find image for rebuild")
	}
	if err != nil {
		return out, refused(err)
	}
	if inst, err = s.Compute.Get(c.Context(), inst.ID); err != nil {
		return out, refused(err)
	}
	v, err := s.viewer(c, inst)
	if err != nil {
		return out, err
	}
	v.wholeAddresses = c.Since(updatesAnswerWhole)
	out = serverRebuilt{
		serverCore: v.core(inst), serverMore: v.more(inst), serverGroups: groupsOf(inst), UserData: nullable(inst.UserData),
		AdminPass: request.AdminPassword,
	}
	out.OldKeyName = out.KeyName
	out.extendedServer.UserData = api.Opt[*string]{} // here it is user_data
	c.Header().Set("Location", c.URL(c.InProject("/servers/"+inst.ID)))
	return out, nil
}

func (s *Service) rebuildRequest(c *api.Call, in *ServerRebuild, inst *compute.Instance) (*compute.RebuildRequest, error) {
	request := &compute.RebuildRequest{
		ImageID: string(in.ImageRef), Update: in.change(), PreserveEphemeral: bool(in.PreserveEphemeral), AdminPassword: in.AdminPass.Value,
		ReimageVolume: c.Since(reimagesVolumes),
	}
	if in.Metadata != nil {
		if request.Metadata = *in.Metadata; request.Metadata == nil {
			request.Metadata = map[string]string{}
		}
	}
	if in.UserData.Set {
		request.UserData = pointer(in.UserData.Value)
	}
	if in.TrustedCerts.Set {
		if err := c.Authorize(rule("servers:rebuild:trusted_certs"), targetOf(inst)); err != nil {
			return nil, err
		}
		request.TrustedCerts = pointer(in.TrustedCerts.Value)
	}
	var err error
	if request.InjectedFiles, err = files(in.Personality); err != nil {
		return nil, err
	}
	if in.KeyName.Set {
		if request.KeyPair, err = s.keyFor(c, string(in.KeyName.Value)); err != nil {
			return nil, err
		}
	}
	if !in.AdminPass.Set {
		request.AdminPassword, err = password(s.Random)
	}
	return request, err
}

// keyFor is the caller's key of that name; a pointer to nil for none.
func (s *Service) keyFor(c *api.Call, keyName string) (**compute.KeyPair, error) {
	var key *compute.KeyPair
	if keyName == "" {
		return &key, nil
	}
	err := s.Store.View(c.Context(), func(tx store.Tx) error {
		k, err := keypairTable.Get(tx, keypairKey(c.Identity.UserID, keyName))
		if isNotFound(err) {
			return api.BadRequest("Invalid key_name provided.")
		}
		if err == nil {
			key = &compute.KeyPair{Name: k.Name, Type: k.Type, PublicKey: k.PublicKey}
		}
		return err
	})
	return &key, err
}
