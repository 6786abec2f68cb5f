// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// nodeRecord is a bare metal node as it is kept: one of the bare metal service's, or one that was added to a
// server. The password of its power management is not kept: nothing here switches it.
type nodeRecord struct {
	ID       string // UUID
	Number   int64  // counts up from 1
	ServerID string `json:",omitzero"` // of the server that it was added to
	// InstanceID is the server that runs on it.
	InstanceID string `json:",omitzero"`
	State      string // of provision: "available", "active"

	CPUs, MemoryMiB, DiskGiB int
	ServiceHost              string `json:",omitzero"`
	Address, User            string `json:",omitzero"` // of its power management
	TerminalPort             *int   `json:",omitzero"`
	Interfaces               []nodeInterface
	UpdatedAt                time.Time `json:",omitzero"` // zero of one that never changed
}

// nodeInterface is a NIC of a node.
type nodeInterface struct {
	Number     int64 // counts up from 1, over the interfaces of all nodes
	MAC        string
	DatapathID *string `json:",omitzero"`
	PortNumber *int    `json:",omitzero"`
}

const (
	nodesByMAC    = "mac"
	nodesByServer = "server"
)

var nodeTable = store.Table[nodeRecord]{
	Name: "nova_bare_metal_nodes",
	Key:  func(n *nodeRecord) string { return n.ID },
	Indexes: []store.Index[nodeRecord]{
		{Name: nodesByMAC, Unique: true, Of: func(n *nodeRecord) []string {
			macs := make([]string, len(n.Interfaces))
			for i, port := range n.Interfaces {
				macs[i] = port.MAC
			}
			return macs
		}},
		{Name: nodesByServer, Of: func(n *nodeRecord) []string {
			servers := slices.DeleteFunc([]string{n.ServerID, n.InstanceID}, func(id string) bool { return id == "" })
			return slices.Compact(servers)
		}},
	},
}

// RecordBareMetal brings the records up to date with the nodes of the bare metal service. Nodes that the cloud
// was once started with stay.
func (s *Service) RecordBareMetal(ctx context.Context) error {
	return s.Store.Update(ctx, func(tx store.Tx) error {
		for _, n := range s.BareMetal {
			if _, err := nodeTable.Get(tx, n.ID); !errors.Is(err, store.ErrNotFound) {
				if err != nil {
					return err
				}
				continue
			}
			record := &nodeRecord{ID: n.ID, InstanceID: n.InstanceID, State: n.ProvisionState}
			for _, amount := range []struct {
				text string
				to   *int
			}{{n.CPUs, &record.CPUs}, {n.MemoryMB, &record.MemoryMiB}, {n.DiskGB, &record.DiskGiB}} {
				var err error
				if *amount.to, err = strconv.Atoi(cmp.Or(amount.text, "0")); err != nil {
					return fmt.Errorf("bare metal node %s: %w", n.ID, err)
				}
			}
			for _, mac := range n.MACs {
				record.Interfaces = append(record.Interfaces, nodeInterface{MAC: mac})
			}
			if err := addNode(tx, record); err != nil {
				return err
			}
		}
		return nil
	})
}

// addNode numbers a new node and its interfaces, and keeps it. store.ErrExists when another node has one of them.
func addNode(tx store.Tx, node *nodeRecord) error {
	number, port, err := lastNodeNumbers(tx)
	if err != nil {
		return err
	}
	node.Number = number + 1
	for i := range node.Interfaces {
		node.Interfaces[i].Number = port + int64(i) + 1
	}
	return nodeTable.Insert(tx, node)
}

// lastNodeNumbers are the highest numbers of the nodes, and of their interfaces.
func lastNodeNumbers(tx store.Tx) (node, port int64, err error) {
	all, err := nodeTable.All(tx)
	for _, n := range all {
		node = max(node, n.Number)
		for _, i := range n.Interfaces {
			port = max(port, i.Number)
		}
	}
	return node, port, err
}

// nodes are all, in the order of their numbers.
func (s *Service) nodes(ctx context.Context) (all []*nodeRecord, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) error {
		all, err = nodeTable.All(tx)
		return err
	})
	slices.SortFunc(all, byNodeNumber)
	return all, err
}

func byNodeNumber(a, b *nodeRecord) int { return cmp.Compare(a.Number, b.Number) }

// nodesOf are those of a server, in the order of their numbers.
func nodesOf(tx store.Tx, serverID string) ([]*nodeRecord, error) {
	own, err := nodeTable.By(tx, nodesByServer, serverID)
	slices.SortFunc(own, byNodeNumber)
	return own, err
}
