// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// metadataItems is a body with metadata of a server.
type metadataItems struct {
	Metadata map[string]string `json:"metadata" need:"2.1-" keys:"^[a-zA-Z0-9-_:. ]{1,255}$" itemlen:"0-255"`
}

// metadataItem is a body with one item.
type metadataItem struct {
	Meta map[string]string `json:"meta" need:"2.1-" len:"1-1" keys:"^[a-zA-Z0-9-_:. ]{1,255}$" itemlen:"0-255"`
}

func (s *Service) metadataRoutes() []api.Route {
	const path = "/servers/{id}/metadata"
	ask := api.QueryOf[noQuery]()
	return []api.Route{
		api.Get(path, "metadata", s.listMetadata).AskedBy(ask).Loose("-2.101"),
		api.Post(path, "", s.addMetadata),
		api.Put(path, "", s.replaceMetadata),
		api.Get(path+"/{key}", "meta", s.showMetadata).AskedBy(ask).Loose("-2.101"),
		api.Put(path+"/{key}", "", s.setMetadata),
		api.Delete(path+"/{key}", s.deleteMetadata),
	}
}

func (s *Service) listMetadata(c *api.Call) (map[string]string, error) {
	inst, err := s.server(c, c.Var("id"), "server-metadata:index")
	if err != nil {
		return nil, err
	}
	return inst.Metadata, nil
}

func (s *Service) showMetadata(c *api.Call) (map[string]string, error) {
	inst, err := s.server(c, c.Var("id"), "server-metadata:show")
	if err != nil {
		return nil, err
	}
	value, there := inst.Metadata[c.Var("key")]
	if !there {
		return nil, api.NotFound("Metadata item was not found")
	}
	return map[string]string{c.Var("key"): value}, nil
}

func (s *Service) addMetadata(c *api.Call, in *metadataItems) (metadataItems, error) {
	return s.updateMetadata(c, "create", in.Metadata, false)
}

func (s *Service) replaceMetadata(c *api.Call, in *metadataItems) (metadataItems, error) {
	return s.updateMetadata(c, "update_all", in.Metadata, true)
}

func (s *Service) setMetadata(c *api.Call, in *metadataItem) (metadataItem, error) {
	if _, there := in.Meta[c.Var("key")]; !there {
		return metadataItem{}, api.BadRequest("Request body and URI mismatch")
	}
	_, err := s.updateMetadata(c, "update", in.Meta, false)
	return *in, err
}

func (s *Service) updateMetadata(c *api.Call, operation string, items map[string]string, replace bool) (metadataItems, error) {
	inst, err := s.server(c, c.Var("id"), "server-metadata:"+operation)
	if err != nil {
		return metadataItems{}, err
	}
	after, err := s.Compute.UpdateMetadata(c.Context(), caller(c), inst.ID, items, replace)
	return metadataItems{after}, refused(err)
}

func (s *Service) deleteMetadata(c *api.Call) error {
	inst, err := s.server(c, c.Var("id"), "server-metadata:delete")
	if err != nil {
		return err
	}
	return refused(s.Compute.DeleteMetadata(c.Context(), caller(c), inst.ID, c.Var("key")))
}
