// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"slices"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// No microversion is forgotten: each is in a tag, a range or a constant, or it changes nothing that is served.
func TestEveryMicroversionIsMentioned(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	service := c.service(people{})
	service.Handler()
	mentioned := service.Mentioned()
	for v := api.Version(1); v <= Newest; v++ {
		_, without := elsewhere[v]
		named := mentioned[v] || slices.Contains(handled, v)
		if !named && !without {
			t.Errorf("nothing mentions 3.%d", v)
		}
		if named && without {
			t.Errorf("3.%d is served, and listed as not", v)
		}
	}
}
