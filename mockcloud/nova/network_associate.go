// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"regexp"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// networkAdd is the body of POST /os-networks/add: the network that the project is to have, null for any that is
// free.
type networkAdd struct {
	ID api.Opt[string] `json:"id" need:"2.1-" null:"ok"`
}

// hostName is the body of the action associate_host.
type hostName string

// Parse implements api.Parser.
func (h *hostName) Parse(v any) error {
	text, ok := v.(string)
	switch {
	case !ok:
		return api.WrongType(v, "string")
	case text == "":
		return errors.New("'' is too short")
	case len(text) > 255:
		return errors.New(api.Repr(v) + " is too long")
	case !hostNames.MatchString(text):
		return errors.New(api.Repr(v) + " does not match '^[a-zA-Z0-9-._]*$'")
	}
	*h = hostName(text)
	return nil
}

var hostNames = regexp.MustCompile(`^[a-zA-Z0-9._-]*$`)

// association is what an action changes of a network.
type association struct {
	host    bool // to be what host says
	project bool // to have none
	to      *string
}

func (s *Service) oldNetworkRoutes() []api.Route {
	const path, action = "/os-networks", "/os-networks/{id}/action"
	own, shared := rule("os-networks"), rule("os-networks-associate")
	routes := []api.Route{
		api.Post(path, "network", s.createNetwork).Policy(own),
		api.Post(path+"/add", "", s.addNetwork).Code(http.StatusAccepted).Policy(own),
		api.Delete(path+"/{id}", s.deleteNetwork).Code(http.StatusAccepted).Policy(own),
		api.Action(action, "disassociate", s.disassociate(association{host: true, project: true})).Policy(own),
		api.Action(action, "disassociate_host", s.disassociate(association{host: true})).Policy(shared),
		api.Action(action, "disassociate_project", s.disassociate(association{project: true})).Policy(shared),
		api.Action(action, "associate_host", s.associateHost).Policy(shared),
	}
	for i := range routes {
		routes[i] = routes[i].Only(proxied)
	}
	return routes
}

// addNetwork gives the project a network that nobody has.
func (s *Service) addNetwork(c *api.Call, in *networkAdd) (api.None, error) {
	records, _, owners, err := s.networksInUse(c.Context())
	if err != nil {
		return api.None{}, err
	}
	free := slices.SortedFunc(maps.Values(records), func(a, b *networkRecord) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	if id := in.ID.Value; !in.ID.Null {
		_, there := owners[id]
		switch r := records[id]; {
		case r != nil:
			free = []*networkRecord{r}
		case there:
			return api.None{}, errNotSupported()
		default:
			return api.None{}, api.BadRequest("Network could not be found for uuid %s", id)
		}
	}
	for _, r := range free {
		if owners[r.ID] != "" {
			continue
		}
		if given, err := s.Networks.Give(c.Context(), r.ID, "", c.ProjectID()); err != nil {
			return api.None{}, err
		} else if given {
			return api.None{}, s.changeNetwork(c, r.ID, func(*networkRecord) {})
		}
	}
	return api.None{}, api.BadRequest("No more available networks.")
}

// changeNetwork changes Nova's record of a network.
func (s *Service) changeNetwork(c *api.Call, id string, change func(*networkRecord)) error {
	err := s.Store.Update(c.Context(), func(tx store.Tx) error {
		r, err := networkTable.Get(tx, id)
		if err != nil {
			return err
		}
		change(r)
		r.UpdatedAt = s.Clock.Now()
		return networkTable.Put(tx, r)
	})
	if errors.Is(err, store.ErrNotFound) {
		return errNetworkNotFound()
	}
	return err
}

// deleteNetwork deletes a network that no project has.
func (s *Service) deleteNetwork(c *api.Call) error {
	n, err := s.ownNetwork(c, c.Var("id"))
	if err != nil {
		return err
	}
	if n.ProjectID != "" {
		return networkInUse(n.ID)
	}
	return s.removeNetwork(c, n)
}

func networkInUse(id string) error { return api.Conflict("Network %s is still in use.", id) }

// removeNetwork deletes a network on which nothing is, unless somebody else has taken it by now.
func (s *Service) removeNetwork(c *api.Call, network neutronNetwork) error {
	n, id := s.neutron(c), network.ID
	ports, err := neutronPorts.list(n, where("network_id", id))
	if err != nil {
		return inNovasWords(err)
	}
	if slices.ContainsFunc(ports, func(p neutronPort) bool { return p.DeviceOwner != ownerDHCP && p.DeviceOwner != ownerReserved }) {
		return networkInUse(id)
	}
	if err = s.unmakeNetwork(c, n.at(network.Revision), id); inUse(err) {
		return networkInUse(id)
	}
	return inNovasWords(err, networkWords{status: http.StatusNotFound, code: http.StatusNotFound, message: "Network not found"})
}

func (s *Service) disassociate(a association) func(*api.Call, *api.None) (api.None, error) {
	return func(c *api.Call, _ *api.None) (api.None, error) { return api.None{}, s.associate(c, a) }
}

// associateHost names the host that a network's services are on. That there is such a host Nova did not ask.
func (s *Service) associateHost(c *api.Call, in *hostName) (api.None, error) {
	return api.None{}, s.associate(c, association{host: true, to: new(string(*in))})
}

func (s *Service) associate(c *api.Call, a association) error {
	n, err := s.ownNetwork(c, c.Var("id"))
	if err != nil {
		return err
	}
	// Whoever has it by now loses it: nobody keeps a network because another one took it at that moment.
	for given := false; a.project && n.ProjectID != "" && !given; {
		if given, err = s.Networks.Give(c.Context(), n.ID, n.ProjectID, ""); err != nil {
			return err
		}
		if n, err = s.neutronNetwork(c, n.ID); err != nil {
			return err
		}
	}
	return s.changeNetwork(c, n.ID, func(r *networkRecord) {
		if a.host {
			r.Host = a.to
		}
	})
}
