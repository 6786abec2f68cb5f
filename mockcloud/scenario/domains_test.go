// SPDX-License-Identifier: MPL-2.0

package scenario

import "strings"

// domains names gamma in Nova's DNS (os-floating-ip-dns), and has guests of two networks find it by that name.
func (q *quarter) domains() {
	const entry = "/os-floating-ip-dns/town.example/entries/harbour"
	nova := q.at("2.1")
	gamma := q.gamma.port().address(false)
	point := func(address string) {
		nova.call("PUT", entry, with{"dns_entry": with{"ip": address, "dns_type": "A"}}, nil)
	}
	point(gamma)
	if said, err := q.alpha.attempt("nslookup harbour.town.example"); err == nil {
		q.t.Errorf("a name in a domain that nobody made: %s", said)
	}
	nova.call("PUT", "/os-floating-ip-dns/town.example", with{"domain_entry": with{"scope": "public", "project": q.project}}, nil)
	for _, s := range []*server{q.alpha, q.beta} {
		if got := s.run("nslookup Harbour.town.example"); !strings.Contains(got, gamma) {
			q.t.Errorf("%s: harbour is %s, not %s", s.Name, got, gamma)
		}
		s.run("ping -c 2 -W 5 harbour.town.example")
		if said, err := s.attempt("nslookup nobody.town.example"); err == nil || !strings.Contains(said, "NXDOMAIN") {
			q.t.Errorf("%s: a name that is not there: %s", s.Name, said)
		}
	}
	point("198.51.100.77")
	if got := q.beta.run("nslookup harbour.town.example"); !strings.Contains(got, "198.51.100.77") {
		q.t.Errorf("harbour has moved, and is %s", got)
	}
	nova.call("DELETE", "/os-floating-ip-dns/town.example", nil, nil)
	if said, err := q.alpha.attempt("nslookup harbour.town.example"); err == nil {
		q.t.Errorf("a name of a domain that is gone: %s", said)
	}
}
