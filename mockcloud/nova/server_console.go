// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// serverConsole is a console of nova-console in a list.
type serverConsole struct {
	ID   int64  `json:"id"`
	Type string `json:"console_type"`
}

// serverConsoleItem is one wrapped once more.
type serverConsoleItem struct {
	Console serverConsole `json:"console"`
}

// serverConsoleDetail is how one is reached. nova-console had a daemon (xvp) that told servers by the password which a VNC
// client sent. Here it is the console proxy on the cloud's own host and port: the password is the token of a WebSocket at
// /console/, and good until the console is deleted.
type serverConsoleDetail struct {
	serverConsole

	Password     string `json:"password"`
	InstanceName string `json:"instance_name"`
	Port         int    `json:"port"`
	Host         string `json:"host"`
}

func (s *Service) serverConsoleRoutes() []api.Route {
	const path = "/servers/{id}/consoles"
	return []api.Route{
		api.Get(path, "consoles", s.listServerConsoles),
		api.Post(path, "", s.createServerConsole),
		api.Get(path+"/{console_id}", "console", s.showServerConsole),
		api.Delete(path+"/{console_id}", s.deleteServerConsole).Code(http.StatusAccepted),
	}
}

func consoleView(c *compute.ConsoleRecord) serverConsole {
	return serverConsole{ID: c.Number, Type: c.Type}
}

// listServerConsoles has none of a server that there is not, as Nova, which does not look.
func (s *Service) listServerConsoles(c *api.Call) ([]serverConsoleItem, error) {
	items := []serverConsoleItem{}
	inst, err := s.server(c, c.Var("id"), "os-consoles:index")
	if fault := api.AsFault(err); fault != nil && fault.Code == http.StatusNotFound {
		return items, nil
	}
	if err != nil {
		return nil, err
	}
	consoles, err := s.Compute.Consoles(c.Context(), inst.ID)
	for _, console := range consoles {
		items = append(items, serverConsoleItem{consoleView(console)})
	}
	return items, err
}

func (s *Service) createServerConsole(c *api.Call, _ *api.None) (api.None, error) {
	inst, err := s.server(c, c.Var("id"), "os-consoles:create")
	switch {
	case err != nil:
		return api.None{}, err
	case s.ConsoleURL == nil:
		return api.None{}, errUnsupported
	}
	return api.None{}, unsupported(s.Compute.CreateConsole(c.Context(), inst.ID))
}

// serverConsole is the console in the path, if the caller may do that to it.
func (s *Service) serverConsole(c *api.Call, policy string) (*compute.Instance, *compute.ConsoleRecord, error) {
	inst, err := s.server(c, c.Var("id"), policy)
	missing := api.NotFound("Console for instance %s could not be found.", c.Var("id"))
	if fault := api.AsFault(err); fault != nil && fault.Code == http.StatusNotFound {
		return nil, nil, missing
	}
	if err != nil {
		return nil, nil, err
	}
	number, err := strconv.ParseInt(c.Var("console_id"), 10, 64)
	if err != nil {
		return nil, nil, missing
	}
	console, err := s.Compute.ConsoleNumber(c.Context(), inst.ID, number)
	return inst, console, refused(err)
}

func (s *Service) showServerConsole(c *api.Call) (serverConsoleDetail, error) {
	inst, console, err := s.serverConsole(c, "os-consoles:show")
	if err != nil {
		return serverConsoleDetail{}, err
	}
	detail := serverConsoleDetail{serverConsole: consoleView(console), Password: console.Password, InstanceName: inst.MachineName()}
	detail.Host, detail.Port, err = proxyAddress(c.Base())
	return detail, err
}

// proxyAddress is where the cloud of that URL listens.
func proxyAddress(base string) (host string, port int, err error) {
	at, err := url.Parse(base)
	if err != nil {
		return "", 0, err
	}
	if at.Port() == "" {
		return at.Hostname(), map[string]int{"http": 80, "https": 443}[at.Scheme], nil
	}
	port, err = strconv.Atoi(at.Port())
	return at.Hostname(), port, err
}

func (s *Service) deleteServerConsole(c *api.Call) error {
	inst, console, err := s.serverConsole(c, "os-consoles:delete")
	if err != nil {
		return err
	}
	return refused(s.Compute.DeleteConsole(c.Context(), inst.ID, console.Number))
}
