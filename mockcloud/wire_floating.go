// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"net/netip"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// doorsView answers GET /mock/v1/floating: for each port of a floating address that the host listens for, of TCP or
// UDP, what to dial.
type doorsView struct {
	Doors []doorView `json:"floating"`
}

type doorView struct {
	Address  netip.Addr     `json:"floating_ip_address"`
	Protocol string         `json:"protocol"`
	Port     uint16         `json:"port"`
	Dial     netip.AddrPort `json:"dial"`
	Fixed    netip.Addr     `json:"fixed_ip_address"`
	PortID   string         `json:"port_id"`
}

func (c *Cloud) floating(*api.Call) (doorsView, error) {
	view := doorsView{Doors: []doorView{}}
	if f, listens := c.options.Fabric.(driver.Doors); listens {
		for _, d := range f.Doors() {
			view.Doors = append(view.Doors, doorView{d.Address, d.Protocol, d.Port, d.Listens, d.Fixed, d.PortID})
		}
	}
	return view, nil
}
