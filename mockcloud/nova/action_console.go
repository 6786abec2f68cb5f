// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// The bodies of the actions that get consoles, up to 2.5.
type (
	vncConsole struct {
		Type string `json:"type" need:"2.1-" oneof:"novnc xvpvnc"`
	}
	spiceConsole struct {
		Type string `json:"type" need:"2.1-" oneof:"spice-html5"`
	}
	rdpConsole struct {
		Type string `json:"type" need:"2.1-" oneof:"rdp-html5"`
	}
	serialConsole struct {
		Type string `json:"type" need:"2.1-" oneof:"serial"`
	}
)

// consoleAnswer is their answer.
type consoleAnswer struct {
	Type string `json:"type"`
	URL  string `json:"url"`
}

func (s *Service) consoleActions() []api.Route {
	action := func(route api.Route) api.Route { return route.Answer("console").Code(http.StatusOK).Only("-2.5") }
	return []api.Route{
		action(api.Action(actionPath, "os-getVNCConsole", func(c *api.Call, in *vncConsole) (consoleAnswer, error) {
			return s.getConsole(c, in.Type, "get_vnc_console")
		})),
		action(api.Action(actionPath, "os-getSPICEConsole", func(c *api.Call, in *spiceConsole) (consoleAnswer, error) {
			return s.getConsole(c, in.Type, "get_spice_console")
		})),
		action(api.Action(actionPath, "os-getRDPConsole", func(c *api.Call, in *rdpConsole) (consoleAnswer, error) {
			return s.getConsole(c, in.Type, "get_rdp_console")
		})),
		action(api.Action(actionPath, "os-getSerialConsole", func(c *api.Call, in *serialConsole) (consoleAnswer, error) {
			return s.getConsole(c, in.Type, "get_serial_console")
		})),
	}
}

func (s *Service) getConsole(c *api.Call, kind, method string) (consoleAnswer, error) {
	inst, err := s.server(c, c.Var("id"), "os-remote-consoles")
	if err != nil {
		return consoleAnswer{}, err
	}
	url, err := s.openConsole(c, inst.ID, kind, method)
	return consoleAnswer{kind, url}, err
}

// openConsole is the URL of a server's console, with a token in it.
func (s *Service) openConsole(c *api.Call, id, kind, method string) (string, error) {
	if s.ConsoleURL == nil {
		return "", errUnsupported
	}
	token, err := s.Compute.OpenConsole(c.Context(), id, kind, method)
	if err != nil {
		return "", unsupported(err)
	}
	return s.ConsoleURL(c.Base(), kind, token), nil
}
