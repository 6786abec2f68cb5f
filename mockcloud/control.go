// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

const controlType = "mock"

// control is what no OpenStack has: /mock/v1, the cloud's own doors for people and tests. It asks for
// the same tokens as the other services.
func (c *Cloud) control() http.Handler {
	return (&api.Service{
		Type: controlType, Prefix: "/mock", Mounts: []api.Mount{{Path: "/v1"}}, Fault: api.NovaFault, Auth: c.Keystone, Log: c.options.Log,
		Routes: append([]api.Route{
			api.Raw(http.MethodGet, "/connect", c.connect).AskedBy(api.QueryOf[connectQuery]()).Policy("connect"),
			api.Raw(http.MethodGet, "/servers/{id}/screenshot", c.screenshot).Policy("screenshot"),
			api.Get("/floating", "", c.floating).Policy("observe"),
			api.Get("/notifications", "", follow(c, c.notifications, viewNotification)).AskedBy(api.QueryOf[followQuery]()).Policy("observe"),
			api.Get("/requests", "", follow(c, c.requests, viewRequest)).AskedBy(api.QueryOf[followQuery]()).Policy("observe"),
		}, c.faultRoutes()...),
		// As Nova's consoles: a member of the project, or an administrator. A token without a project is nobody's.
		Policy: api.Policy{
			"connect":    api.Any(api.Role("admin"), api.RoleInProject("member")),
			"screenshot": api.Any(api.Role("admin"), api.RoleInProject("member")),
			"observe":    api.Role("admin"),
			"fault":      api.Role("admin"),
		},
	}).Handler()
}

// connectQuery names a TCP port of a guest: of the server with that id or name, or of the one with
// that fixed address.
type connectQuery struct {
	Server  string      `json:"server"`
	Address string      `json:"address" format:"ip"`
	Port    api.Integer `json:"port"    need:"0.0-" range:"1-65535"`
}

// connect upgrades the request to a TCP connection to a guest's port: GET /mock/v1/connect with
// Upgrade: tcp answers 101, and then the bytes are the guest's.
func (c *Cloud) connect(call *api.Call, w http.ResponseWriter) error {
	q := api.Query[connectQuery](call)
	if call.Request.Header.Get("Upgrade") != "tcp" {
		return api.NewFault(http.StatusUpgradeRequired, "Ask with Upgrade: tcp.").With("Upgrade", "tcp")
	}
	port, err := c.guestPort(call, q)
	if err != nil {
		return err
	}
	guest, err := c.options.Fabric.Dial(call.Context(), port, uint16(q.Port))
	if err != nil {
		return api.NewFault(http.StatusBadGateway, "The guest does not answer on port %d: %s", q.Port, err)
	}
	defer guest.Close()
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return err
	}
	defer client.Close()
	if _, err := fmt.Fprint(client, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"); err != nil {
		return nil // the client went away; there is nobody to tell
	}
	splice(client, buffered, guest)
	return nil
}

// splice copies both ways until both sides have said their last.
func splice(client net.Conn, fromClient io.Reader, guest net.Conn) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(guest, fromClient)
		closeWrite(guest)
	}()
	_, _ = io.Copy(client, guest)
	closeWrite(client)
	_ = client.SetReadDeadline(time.Unix(1, 0)) // the guest hung up: nobody waits for the client
	<-done
}

func closeWrite(conn net.Conn) {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
		return
	}
	_ = conn.Close()
}

// guestPort finds the Neutron port that leads to the guest.
func (c *Cloud) guestPort(call *api.Call, q *connectQuery) (string, error) {
	project := call.ProjectID()
	if call.Identity.Admin() {
		project = ""
	}
	all, err := c.Compute.List(call.Context(), compute.Filter{ProjectID: project})
	if err != nil {
		return "", err
	}
	wanted, err := netip.ParseAddr(q.Address)
	byAddress := err == nil
	var ports []string
	for _, inst := range all {
		if !byAddress && inst.ID != q.Server && inst.Name != q.Server {
			continue
		}
		if at := slices.IndexFunc(inst.VIFs, func(vif compute.VIF) bool { // the first address will do
			return slices.ContainsFunc(vif.Addresses, func(a compute.VIFAddress) bool {
				return a.Type == compute.FixedAddress && (!byAddress && a.IP.Is4() || a.IP == wanted)
			})
		}); at >= 0 {
			ports = append(ports, inst.VIFs[at].PortID)
		}
	}
	switch len(ports) {
	case 0:
		return "", api.NotFound("No server of yours is %s.", q.Server+q.Address)
	case 1:
		return ports[0], nil
	}
	return "", api.Conflict("Several servers are %s: use an id.", q.Server+q.Address)
}
