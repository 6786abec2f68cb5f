// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Trunk brings a server the networks of several ports over one interface, that of its parent port: what
// is a sub-port's comes tagged with its segment.
type Trunk struct {
	Standard
	Name         string    `json:"name"`
	PortID       string    `json:"port_id"` // the parent
	Status       string    `json:"status"`  // ACTIVE while the parent is bound to a host, else DOWN
	AdminStateUp bool      `json:"admin_state_up"`
	SubPorts     []SubPort `json:"sub_ports"`
}

// SubPort is a port that a trunk carries.
type SubPort struct {
	PortID           string      `json:"port_id"`
	SegmentationType string      `json:"segmentation_type"` // vlan; inherit, in requests: the segment of its network
	SegmentationID   api.Integer `json:"segmentation_id"`
}

// trunkDetails are what a trunk's parent port tells of it.
type trunkDetails struct {
	TrunkID  string          `json:"trunk_id"`
	SubPorts []subPortDetail `json:"sub_ports"`
}

type subPortDetail struct {
	SubPort
	MACAddress string `json:"mac_address"`
}

type trunkFields struct {
	owner
	Name         api.Opt[string]      `json:"name" len:"0-255"`
	PortID       api.Opt[string]      `json:"port_id" put:"no" format:"uuid"`
	AdminStateUp api.Opt[api.Boolean] `json:"admin_state_up"`
	SubPorts     api.Opt[[]SubPort]   `json:"sub_ports" put:"no"`
}

var trunkTable = &store.Table[Trunk]{
	Name: "neutron.trunks",
	Key:  func(t *Trunk) string { return t.ID },
	Indexes: []store.Index[Trunk]{
		{Name: "project_id", Of: func(t *Trunk) []string { return []string{t.ProjectID} }},
		{Name: "port_id", Unique: true, Of: func(t *Trunk) []string { return []string{t.PortID} }},
		{Name: "sub_port", Unique: true, Of: func(t *Trunk) []string {
			ids := make([]string, len(t.SubPorts))
			for i, sub := range t.SubPorts {
				ids[i] = sub.PortID
			}
			return ids
		}},
	},
}

func trunkCollection() *collection[Trunk, trunkFields] {
	return collection[Trunk, trunkFields]{
		one: "trunk", many: "trunks", path: "/trunks", missing: trunkNotFound, table: trunkTable,
		base:    func(t *Trunk) *Standard { return &t.Standard },
		project: func(f *trunkFields) owner { return f.owner },
		indexed: []string{"port_id"},
		create:  createTrunk,
		update:  func(o *op, now, _ *Trunk, _ *trunkFields) error { return trunkTable.Put(o.tx, now) },
		remove:  removeTrunk,
	}.ready()
}

func createTrunk(o *op, t *Trunk, in *trunkFields) error {
	if t.PortID == "" {
		return httpBadRequest.of("Failed to parse request. Required attribute 'port_id' not specified")
	}
	t.AdminStateUp = bool(orElse(in.AdminStateUp, true))
	parent, err := o.ownPort(t.PortID)
	if err != nil {
		return err
	}
	_, as, err := o.trunkOf(parent.ID)
	switch {
	case err != nil:
		return err
	case as == asSubPort:
		return trunkPortInUse.of(parent.ID)
	case as == asParent || parent.HostID != "": // the host has plugged the port without a trunk
		return parentPortInUse.of(parent.ID)
	}
	subs := t.SubPorts
	t.SubPorts = []SubPort{}
	if err := t.carry(o, parent, subs); err != nil {
		return err
	}
	t.Status = parent.Status
	return trunkTable.Insert(o.tx, t)
}

// removeTrunk is refused while a host has the parent plugged: it cannot plug it again without a trunk.
func removeTrunk(o *op, t *Trunk) error {
	if !t.AdminStateUp {
		return trunkDisabled.of(t.ID)
	}
	parent, err := portTable.Get(o.tx, t.PortID)
	if err != nil {
		return err
	}
	if parent.HostID != "" {
		return trunkInUse.of(t.ID)
	}
	return trunkTable.Delete(o.tx, t.ID)
}

// ownPort is a port of the caller's project, or any port for administrators.
func (o *op) ownPort(id string) (*Port, error) {
	p, err := o.ports.find(o, id)
	if err == nil && p.ProjectID != o.identity.ProjectID && !o.admin() {
		err = PortNotFound.of(id)
	}
	return p, err
}

// trunkRole is what a port is to a trunk.
type trunkRole int

const (
	asNothing trunkRole = iota
	asParent
	asSubPort
)

// trunkOf is the trunk that a port is of, if any, and as what.
func (o *op) trunkOf(port string) (*Trunk, trunkRole, error) {
	for index, role := range map[string]trunkRole{"port_id": asParent, "sub_port": asSubPort} {
		found, err := trunkTable.By(o.tx, index, port)
		if err != nil {
			return nil, asNothing, err
		}
		if len(found) > 0 {
			return found[0], role, nil
		}
	}
	return nil, asNothing, nil
}

// checkUntrunked refuses what cannot be done to a port that is of a trunk.
func (o *op) checkUntrunked(port string) error {
	t, as, err := o.trunkOf(port)
	switch {
	case err != nil:
		return err
	case as == asParent:
		return portIsParent.of(port, t.ID)
	case as == asSubPort:
		return portIsSubPort.of(port, t.ID)
	}
	return nil
}

// checkNoSubPort refuses to give a device a port that comes to its server over another.
func (o *op) checkNoSubPort(p *Port) error {
	t, as, err := o.trunkOf(p.ID)
	if err == nil && as == asSubPort {
		err = PortInUse.of(p.ID, p.NetworkID, t.ID)
	}
	return err
}

// carry adds sub-ports to a trunk.
func (t *Trunk) carry(o *op, parent *Port, more []SubPort) error {
	n, err := networkTable.Get(o.tx, parent.NetworkID)
	if err != nil {
		return err
	}
	for i, sub := range more {
		if _, err := uuid.Parse(sub.PortID); err != nil {
			return invalidInput.of("Invalid UUID for subport: '" + sub.PortID + "'")
		}
		for _, other := range more[:i] {
			if other.PortID == sub.PortID {
				return invalidInput.of("Non unique UUID for subport: '" + sub.PortID + "'")
			}
		}
		if err := t.carryOne(o, n.MTU, sub); err != nil {
			return err
		}
	}
	return nil
}

func (t *Trunk) carryOne(o *op, mtu int, sub SubPort) error {
	if sub.PortID == t.PortID {
		return parentPortInUse.of(sub.PortID)
	}
	p, err := o.ownPort(sub.PortID)
	if err != nil {
		return err
	}
	n, err := networkTable.Get(o.tx, p.NetworkID)
	if err != nil {
		return err
	}
	if n.MTU > mtu {
		return subPortMTU.of(n.MTU, p.ID, mtu, t.PortID)
	}
	if sub.SegmentationType == "inherit" {
		sub.SegmentationType, sub.SegmentationID = n.NetworkType, api.Integer(n.Segment)
	}
	if err := t.checkSegment(sub); err != nil {
		return err
	}
	_, as, err := o.trunkOf(p.ID)
	switch {
	case err != nil:
		return err
	case as == asSubPort:
		return trunkPortInUse.of(p.ID)
	case as == asParent:
		return parentPortInUse.of(p.ID)
	case p.DeviceID != "":
		return PortInUse.of(p.ID, p.NetworkID, p.DeviceID)
	}
	t.SubPorts = append(t.SubPorts, sub)
	return nil
}

func (t *Trunk) checkSegment(sub SubPort) error {
	switch {
	case sub.SegmentationType == "" || sub.SegmentationID == 0:
		return invalidInput.of(fmt.Sprintf("Invalid subport details '%s': missing segmentation information. "+
			"Must specify both segmentation_id and segmentation_type", sub.PortID))
	case sub.SegmentationType != "vlan":
		return invalidInput.of("Unknown segmentation_type '" + sub.SegmentationType + "'")
	case sub.SegmentationID < 1 || sub.SegmentationID > 4094:
		return invalidInput.of(fmt.Sprintf("Segmentation ID '%d' is not in range", sub.SegmentationID))
	}
	for _, other := range t.SubPorts {
		if other.SegmentationID == sub.SegmentationID {
			return duplicateSubPort.of(sub.SegmentationType, sub.SegmentationID, t.ID)
		}
	}
	return nil
}

// keep stores a port whose binding may have changed; the trunk whose parent it is goes with it.
func (o *op) keep(p *Port) error {
	if err := portTable.Put(o.tx, p); err != nil {
		return err
	}
	t, as, err := o.trunkOf(p.ID)
	if err != nil || as != asParent {
		return err
	}
	return o.wire(t, p)
}

// wire binds a trunk's sub-ports where its parent is up, as the agent of that host does.
func (o *op) wire(t *Trunk, parent *Port) error {
	host := parent.HostID
	if parent.Status != "ACTIVE" {
		host = ""
	}
	for _, sub := range t.SubPorts {
		if err := o.wireSubPort(sub.PortID, host); err != nil {
			return err
		}
	}
	if t.Status != parent.Status {
		t.Status = parent.Status
		o.trunks.touch(o, t)
	}
	return trunkTable.Put(o.tx, t)
}

// wireSubPort binds a sub-port to a host; "" sets it free.
func (o *op) wireSubPort(id, host string) error {
	p, err := portTable.Get(o.tx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && p.HostID == host {
		return nil
	}
	if err != nil {
		return err
	}
	p.HostID, p.DeviceOwner = host, ownerSubPort
	if host == "" {
		p.DeviceOwner = ""
	}
	p.bind()
	o.ports.touch(o, p)
	return portTable.Put(o.tx, p)
}

// trunkDetails are those of the port, nil where it is no trunk's parent.
func (o *op) trunkDetails(p *Port) (*trunkDetails, error) {
	t, as, err := o.trunkOf(p.ID)
	if err != nil || as != asParent {
		return nil, err
	}
	details := &trunkDetails{TrunkID: t.ID, SubPorts: []subPortDetail{}}
	for _, sub := range t.SubPorts {
		carried, err := portTable.Get(o.tx, sub.PortID)
		if err != nil {
			return nil, err
		}
		details.SubPorts = append(details.SubPorts, subPortDetail{sub, carried.MACAddress})
	}
	return details, nil
}
