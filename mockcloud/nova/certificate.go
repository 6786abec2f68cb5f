// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// Certificate is an x509 certificate as Nova shows it.
type Certificate struct {
	Data string `json:"data"` // PEM, which what it says in words may precede
	// PrivateKey is told once, in the answer that it was made for: PEM.
	PrivateKey *string `json:"private_key"`
}

// certificateRoutes are as they were in Ocata, the last release that had them.
func (s *Service) certificateRoutes() []api.Route {
	const path = "/os-certificates"
	return []api.Route{
		api.Post(path, "", s.createCertificate).Answer("certificate").Policy(rule("os-certificates:create")),
		api.Get(path+"/{id}", "certificate", s.showCertificate).Policy(rule("os-certificates:show")),
	}
}

// showCertificate shows the root certificate: the others are known to nobody but who asked for them.
func (s *Service) showCertificate(c *api.Call) (Certificate, error) {
	if c.Var("id") != "root" {
		return Certificate{}, api.NewFault(http.StatusNotImplemented, "Only root certificate can be retrieved.")
	}
	ca, err := s.authority(c.Context())
	if err != nil {
		return Certificate{}, err
	}
	return Certificate{Data: ca.certificate()}, nil
}

// createCertificate makes a key and a certificate for the caller in its project.
func (s *Service) createCertificate(c *api.Call, _ *api.None) (Certificate, error) {
	made, err := s.certify(c.Context(), c.ProjectID(), c.Identity.UserID)
	if err != nil {
		return Certificate{}, err
	}
	return Certificate{Data: made.words + made.certificate, PrivateKey: &made.key}, nil
}
