// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"cmp"
	"errors"
	"net/netip"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// dnsName is a name in a domain, which need not be one that an administrator made.
type dnsName struct {
	Name, Domain string
	IP           netip.Addr
	Project      string // that made it
}

func (n *dnsName) key() string { return strings.ToLower(n.Domain + "/" + n.Name) }

// The indexes of names.
const (
	dnsNamesByDomain  = "domain"
	dnsNamesByAddress = "address"
)

var dnsNameTable = store.Table[dnsName]{
	Name: "nova_dns_names",
	Key:  (*dnsName).key,
	Indexes: []store.Index[dnsName]{
		{Name: dnsNamesByDomain, Of: func(n *dnsName) []string { return []string{strings.ToLower(n.Domain)} }},
		{Name: dnsNamesByAddress, Of: func(n *dnsName) []string { return []string{n.IP.String()} }},
	},
}

// dnsEntryUpdate is the body of PUT /os-floating-ip-dns/{domain_id}/entries/{id}.
type dnsEntryUpdate struct {
	IP   netip.Addr `json:"ip"       need:"2.1-" format:"ip"`
	Type string     `json:"dns_type" need:"2.1-" oneof:"a A"`
}

// dnsEntry is a name as Nova shows it. No driver of Nova's ever had an id for one; its type is told once, when it is made.
type dnsEntry struct {
	ID     *string `json:"id"`
	IP     string  `json:"ip"`
	Type   *string `json:"type"`
	Domain string  `json:"domain"`
	Name   string  `json:"name"`
}

// dnsEntries answers a look-up: by name with one entry, by address with all.
type dnsEntries struct {
	One *dnsEntry  `json:"dns_entry,omitempty"`
	All []dnsEntry `json:"dns_entries,omitempty"`
}

func (s *Service) showDNSEntry(c *api.Call) (answer dnsEntries, err error) {
	domain, id := domainVar(c, "domain_id"), c.Var("id")
	address, notAddress := netip.ParseAddr(id)
	err = s.Store.View(c.Context(), func(tx store.Tx) error {
		names, err := dnsNameTable.By(tx, dnsNamesByDomain, strings.ToLower(domain))
		for _, n := range names {
			switch {
			case notAddress == nil && n.IP == address:
				answer.All = append(answer.All, dnsEntry{IP: id, Domain: domain, Name: n.Name})
			case notAddress != nil && strings.EqualFold(n.Name, id):
				answer.One = &dnsEntry{IP: n.IP.String(), Domain: domain, Name: id}
			}
		}
		return err
	})
	if err == nil && answer.One == nil && answer.All == nil {
		err = api.NotFound("DNS entries not found.")
	}
	return answer, err
}

func (s *Service) updateDNSEntry(c *api.Call, in *dnsEntryUpdate) (dnsEntry, error) {
	n := &dnsName{Name: c.Var("id"), Domain: domainVar(c, "domain_id"), IP: in.IP, Project: c.ProjectID()}
	if unfitForDNS(n.Name) || unfitForDNS(n.Domain) {
		return dnsEntry{}, api.BadRequest("%s is not a name in %s.", api.Repr(n.Name), api.Repr(n.Domain))
	}
	if len(n.key()) > longestDomain {
		return dnsEntry{}, api.BadRequest("A name has at most %d characters.", longestDomain)
	}
	err := s.namesChange(c, func(tx store.Tx) error {
		known, err := dnsNameTable.Get(tx, n.key())
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if known != nil {
			n.Project = known.Project
		}
		if err := mayName(tx, c, n); err != nil {
			return err
		}
		return dnsNameTable.Put(tx, n)
	})
	return dnsEntry{IP: n.IP.String(), Type: &in.Type, Domain: n.Domain, Name: n.Name}, err
}

// mayName refuses a change of a name by who has neither the domain nor, where that is nobody's, the name. Nova asked for
// no more than a project of one's own, and trusted its users with each other's names.
func mayName(tx store.Tx, c *api.Call, n *dnsName) error {
	d, err := dnsDomainTable.Get(tx, strings.ToLower(n.Domain))
	if errors.Is(err, store.ErrNotFound) {
		d, err = &dnsDomain{}, nil
	}
	if err != nil {
		return err
	}
	return c.Authorize(rule("os-floating-ip-dns"), api.Target{ProjectID: cmp.Or(d.Project, n.Project), UserID: c.Own().UserID})
}

func (s *Service) deleteDNSEntry(c *api.Call) error {
	wanted := &dnsName{Name: c.Var("id"), Domain: domainVar(c, "domain_id")}
	return s.namesChange(c, func(tx store.Tx) error {
		n, err := dnsNameTable.Get(tx, wanted.key())
		if errors.Is(err, store.ErrNotFound) {
			return api.NotFound("The DNS entry %s could not be found in domain %s.", wanted.Name, wanted.Domain)
		}
		if err != nil {
			return err
		}
		if err := mayName(tx, c, n); err != nil {
			return err
		}
		return dnsNameTable.Delete(tx, n.key())
	})
}

// forgetAddress drops the names of a floating IP that is given back.
func (s *Service) forgetAddress(c *api.Call, address string) error {
	return s.namesChange(c, func(tx store.Tx) error {
		names, err := dnsNameTable.By(tx, dnsNamesByAddress, address)
		for _, n := range names {
			if err := dnsNameTable.Delete(tx, n.key()); err != nil {
				return err
			}
		}
		return err
	})
}
