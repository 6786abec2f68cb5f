// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// The scopes of a domain: one is every guest's, the other an availability zone's.
const (
	publicDomain  = "public"
	privateDomain = "private"
)

// longestDomain is the longest name that DNS has (RFC 1035), without the root's dot.
const longestDomain = 253

// dnsDomain is a domain of names. A public one may be a project's, a private one is an availability zone's.
type dnsDomain struct {
	Domain, Scope, Project, Zone string
}

var dnsDomainTable = store.Table[dnsDomain]{
	Name: "nova_dns_domains",
	Key:  func(d *dnsDomain) string { return strings.ToLower(d.Domain) },
}

// domainEntryUpdate is the body of PUT /os-floating-ip-dns/{id}.
type domainEntryUpdate struct {
	Scope   string          `json:"scope"   need:"2.1-" oneof:"public private"`
	Project api.Opt[string] `json:"project" len:"1-255" pattern:"^[a-zA-Z0-9-]*$"`
	Zone    api.Opt[name]   `json:"availability_zone" len:"1-255"`
}

// domainEntry is a domain as Nova shows it.
type domainEntry struct {
	Domain  string  `json:"domain"`
	Scope   string  `json:"scope"`
	Project *string `json:"project"`
	Zone    *string `json:"availability_zone"`
}

func (d *dnsDomain) view() domainEntry {
	return domainEntry{Domain: d.Domain, Scope: d.Scope, Project: nullable(d.Project), Zone: nullable(d.Zone)}
}

func (s *Service) dnsRoutes() []api.Route {
	const path, entry = "/os-floating-ip-dns", "/os-floating-ip-dns/{domain_id}/entries/{id}"
	return []api.Route{
		api.Get(path, "domain_entries", s.listDomains).Only(proxied).Policy(rule("os-floating-ip-dns")),
		api.Put(path+"/{id}", "domain_entry", s.updateDomain).Only(proxied).Policy(rule("os-floating-ip-dns:domain:update")),
		api.Delete(path+"/{id}", s.deleteDomain).Only(proxied).Code(http.StatusOK).Policy(rule("os-floating-ip-dns:domain:delete")),
		api.Get(entry, "", s.showDNSEntry).Only(proxied).Policy(rule("os-floating-ip-dns")),
		api.Put(entry, "dns_entry", s.updateDNSEntry).Only(proxied).Policy(rule("os-floating-ip-dns")),
		api.Delete(entry, s.deleteDNSEntry).Only(proxied).Code(http.StatusOK).Policy(rule("os-floating-ip-dns")),
	}
}

// domainVar is a domain out of a path. Clients write %2E for its dots, so that nothing takes them for a suffix, and
// quote that again.
func domainVar(c *api.Call, variable string) string {
	return strings.TrimSuffix(strings.ReplaceAll(c.Var(variable), "%2E", "."), ".")
}

// unfitForDNS tells what is no name: "" would be the root, whose names are all of the world's.
func unfitForDNS(name string) bool {
	return strings.Trim(name, ".") == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r == 0x7f })
}

// namesChange changes domains or names in one transaction; guests are told of it before it returns.
func (s *Service) namesChange(c *api.Call, do func(store.Tx) error) error {
	err := s.Store.Update(c.Context(), do)
	if err == nil && s.NamesChanged != nil {
		s.NamesChanged(context.WithoutCancel(c.Context()))
	}
	return err
}

func (s *Service) listDomains(c *api.Call) (views []domainEntry, err error) {
	views = []domainEntry{}
	err = s.Store.View(c.Context(), func(tx store.Tx) error {
		domains, err := dnsDomainTable.All(tx)
		for _, d := range domains {
			views = append(views, d.view())
		}
		return err
	})
	return views, err
}

func (s *Service) updateDomain(c *api.Call, in *domainEntryUpdate) (domainEntry, error) {
	d := &dnsDomain{Domain: domainVar(c, "id"), Scope: in.Scope, Project: in.Project.Value, Zone: string(in.Zone.Value)}
	switch {
	case unfitForDNS(d.Domain):
		return domainEntry{}, api.BadRequest("%s is not a domain.", api.Repr(d.Domain))
	case len(d.Domain) > longestDomain:
		return domainEntry{}, api.BadRequest("A domain has at most %d characters.", longestDomain)
	case d.Scope == privateDomain && in.Project.Set:
		return domainEntry{}, api.BadRequest("you can not pass project if the scope is private")
	case d.Scope == publicDomain && in.Zone.Set:
		return domainEntry{}, api.BadRequest("you can not pass av_zone if the scope is public")
	}
	return d.view(), s.namesChange(c, func(tx store.Tx) error { return dnsDomainTable.Put(tx, d) })
}

func (s *Service) deleteDomain(c *api.Call) error {
	domain := domainVar(c, "id")
	return s.namesChange(c, func(tx store.Tx) error {
		names, err := dnsNameTable.By(tx, dnsNamesByDomain, strings.ToLower(domain))
		if err != nil {
			return err
		}
		for _, n := range names {
			if err := dnsNameTable.Delete(tx, n.key()); err != nil {
				return err
			}
		}
		err = dnsDomainTable.Delete(tx, strings.ToLower(domain))
		if errors.Is(err, store.ErrNotFound) {
			if len(names) > 0 {
				return nil
			}
			return api.NotFound("The DNS domain %s could not be found.", domain)
		}
		return err
	})
}

// DNSZone is a domain with its names, for who tells guests of them.
type DNSZone struct {
	Domain string // in lower case
	// Private: it is for the guests of AvailabilityZone alone.
	Private          bool
	AvailabilityZone string
	Names            map[string][]netip.Addr // by what stands before the domain
}

// DNSZones are the domains that administrators have made. Names in others are kept and shown, and nobody is told: anybody
// could name his server as one of the world's.
func (s *Service) DNSZones(ctx context.Context) (zones []DNSZone, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) error {
		domains, err := dnsDomainTable.All(tx)
		if err != nil {
			return err
		}
		zones = make([]DNSZone, len(domains))
		for i, d := range domains {
			zone := DNSZone{Domain: strings.ToLower(d.Domain), Private: d.Scope == privateDomain, AvailabilityZone: d.Zone, Names: map[string][]netip.Addr{}}
			names, err := dnsNameTable.By(tx, dnsNamesByDomain, zone.Domain)
			if err != nil {
				return err
			}
			for _, n := range names {
				zone.Names[strings.ToLower(n.Name)] = []netip.Addr{n.IP}
			}
			zones[i] = zone
		}
		return nil
	})
	return zones, err
}
