// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Resource is something that quota limits, by its name in the API.
type Resource string

// The resources with a quota.
const (
	QuotaInstances                Resource = "instances"
	QuotaCores                    Resource = "cores"
	QuotaRAM                      Resource = "ram" // MiB
	QuotaMetadataItems            Resource = "metadata_items"
	QuotaInjectedFiles            Resource = "injected_files"
	QuotaInjectedFileContentBytes Resource = "injected_file_content_bytes"
	QuotaInjectedFilePathBytes    Resource = "injected_file_path_bytes"
	QuotaKeyPairs                 Resource = "key_pairs"
	QuotaServerGroups             Resource = "server_groups"
	QuotaServerGroupMembers       Resource = "server_group_members"
)

// Unlimited is the limit that is none.
const Unlimited = -1

// Limits tells the limits in force for a user in a project ("" leaves the user out): those set for
// the user, else for the project, else for the class "default", else the built-in ones.
func (m *Manager) Limits(ctx context.Context, projectID, userID string) (map[Resource]int, error) {
	return nil, errUnbuilt
}

// LimitsIn is Limits within a transaction, for what must be checked where it is written.
func (m *Manager) LimitsIn(tx store.Tx, projectID, userID string) (map[Resource]int, error) {
	return nil, errUnbuilt
}

// SetLimits sets limits of a project, or of one user in it; those not named stay.
func (m *Manager) SetLimits(ctx context.Context, projectID, userID string, limits map[Resource]int) error {
	return errUnbuilt
}

// DeleteLimits returns a project, or one user in it, to the defaults.
func (m *Manager) DeleteLimits(ctx context.Context, projectID, userID string) error {
	return errUnbuilt
}

// ClassLimits tells the limits of a quota class; only "default" is ever in force.
func (m *Manager) ClassLimits(ctx context.Context, class string) (map[Resource]int, error) {
	return nil, errUnbuilt
}

// SetClassLimits sets limits of a quota class; those not named stay.
func (m *Manager) SetClassLimits(ctx context.Context, class string, limits map[Resource]int) error {
	return errUnbuilt
}

// Usage counts what a project, or one user in it, uses of instances, cores and ram.
func (m *Manager) Usage(ctx context.Context, projectID, userID string) (map[Resource]int, error) {
	return nil, errUnbuilt
}
