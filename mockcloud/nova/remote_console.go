// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// remoteConsole is the body of POST /servers/{id}/remote-consoles.
type remoteConsole struct {
	FirstProtocol string `json:"protocol" nova:"-2.7"     need:"2.6-2.7"  oneof:"vnc spice serial rdp"`
	Protocol      string `json:"protocol" nova:"2.8-"     need:"2.8-"     oneof:"vnc spice serial rdp mks"`
	FirstType     string `json:"type"     nova:"-2.7"     need:"2.6-2.7"  oneof:"novnc xvpvnc spice-html5 serial rdp-html5"`
	OldType       string `json:"type"     nova:"2.8-2.98" need:"2.8-2.98" oneof:"novnc xvpvnc spice-html5 serial rdp-html5 webmks"`
	Type          string `json:"type"     nova:"2.99-"    need:"2.99-"    oneof:"novnc xvpvnc spice-html5 serial rdp-html5 webmks spice-direct"`
}

// RemoteConsole is how a console is reached.
type RemoteConsole struct {
	Protocol string `json:"protocol"`
	Type     string `json:"type"`
	URL      string `json:"url"`
}

// consoleTypes are the types of console by protocol.
var consoleTypes = map[string][]string{
	"vnc": {"novnc"}, "spice": {"spice-html5", "spice-direct"}, "serial": {"serial"}, "rdp": {"rdp-html5"},
}

func (s *Service) consoleRoutes() []api.Route {
	return []api.Route{
		api.Post("/servers/{id}/remote-consoles", "remote_console", s.createRemoteConsole).Only("2.6-"),
		api.Get("/os-console-auth-tokens/{id}", "console", s.showConsoleToken).AskedBy(api.QueryOf[noQuery]()).Loose("-2.98").Secret(),
	}
}

func (s *Service) createRemoteConsole(c *api.Call, in *remoteConsole) (out RemoteConsole, err error) {
	inst, err := s.server(c, c.Var("id"), "os-remote-consoles")
	if err != nil {
		return out, err
	}
	out = RemoteConsole{Protocol: in.FirstProtocol + in.Protocol, Type: in.FirstType + in.OldType + in.Type}
	known := false
	for _, kind := range consoleTypes[out.Protocol] {
		known = known || kind == out.Type
	}
	switch {
	case out.Protocol == "rdp" && s.Release.since(caracal): // of Hyper-V, which has gone
		return out, api.BadRequest("Unavailable console type %s.", out.Protocol)
	case out.Protocol == "mks": // of VMware
		return out, api.BadRequest("Unavailable console type %s.", out.Type)
	case !known:
		return out, api.BadRequest("Invalid console type %s", out.Type)
	}
	out.URL, err = s.openConsole(c, inst.ID, out.Type, "get_"+out.Protocol+"_console")
	return out, err
}

// ConsoleConnection is what the token of a console is for.
type ConsoleConnection struct {
	InstanceUUID string        `json:"instance_uuid"`
	Host         *string       `json:"host"`
	Port         int           `json:"port"`
	TLSPort      api.Opt[*int] `json:"tls_port,omitempty" nova:"2.99-"`
	Path         *string       `json:"internal_access_path"`
}

func (s *Service) showConsoleToken(c *api.Call) (out ConsoleConnection, err error) {
	if err := c.Authorize(rule("os-console-auth-tokens"), c.Own()); err != nil {
		return out, err
	}
	console, err := s.Compute.ConsoleOf(c.Context(), c.Var("id"))
	if err != nil {
		return out, refused(err)
	}
	if !c.Since(anyConsoleToken) && console.Type != "rdp-html5" {
		return out, api.NewFault(http.StatusUnauthorized, "The requested console type details are not accessible")
	}
	return connection(console), nil
}

func connection(console *compute.Console) ConsoleConnection {
	at := console.Address
	out := ConsoleConnection{InstanceUUID: console.InstanceID, Host: nullable(at.Host), Port: at.Port, Path: nullable(console.AccessPath)}
	if console.Type == "spice-direct" {
		var port *int
		if at.TLSPort != 0 {
			port = &at.TLSPort
		}
		out.TLSPort = api.Some(port)
	}
	return out
}
