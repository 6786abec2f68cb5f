// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// No microversion is forgotten: each is in a tag, a range, a code or a constant, or is listed as one that
// changes nothing here.
func TestMicroversions(t *testing.T) {
	t.Parallel()
	mentioned := New(Options{}).service().Mentioned()
	for _, v := range handled {
		mentioned[v] = true
	}
	for v := api.Version(2); v <= Newest; v++ {
		_, documented := documentationOnly[v]
		switch {
		case !mentioned[v] && !documented:
			t.Errorf("2.%d is forgotten", v)
		case mentioned[v] && documented:
			t.Errorf("2.%d is listed as if it changed nothing here", v)
		}
	}
}
