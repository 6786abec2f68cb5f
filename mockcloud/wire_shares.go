// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"context"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// demoShares are the shares of a cloud whose Options name none: those of the examples in Nova's own
// documentation.
func demoShares() []compute.Share {
	return []compute.Share{
		{ID: "e8debdc0-447a-4376-a10a-4cd9122d7986", Status: "available", Protocol: "NFS", ExportLocation: "10.0.0.50:/mnt/foo"},
		{ID: "3cdf5132-64f2-4584-876a-bd296ae7eabd", Status: "available", Protocol: "NFS", ExportLocation: "10.0.0.50:/mnt/bar"},
	}
}

// shares are the shares that the cloud was given: there is no Manila, so that they neither come nor go.
type shares []compute.Share

var _ compute.Shares = shares(nil)

func (s shares) Share(_ context.Context, caller compute.Caller, id string) (*compute.Share, error) {
	at := slices.IndexFunc(s, func(share compute.Share) bool { return share.ID == id })
	if at < 0 || s[at].ProjectID != "" && s[at].ProjectID != caller.ProjectID && !caller.Admin {
		return nil, &compute.Refusal{Reason: compute.NotFound, Message: "Share " + id + " could not be found."}
	}
	share := s[at]
	return &share, nil
}
