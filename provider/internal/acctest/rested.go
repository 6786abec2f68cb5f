// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// Rested waits until nothing is under way with a server.
func (target *Target) Rested(ctx context.Context, id string) error {
	return target.await(ctx, id, func(s *nova.Server, err error) (bool, error) { return err == nil && s.TaskState == "", err })
}
