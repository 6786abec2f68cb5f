// SPDX-License-Identifier: MPL-2.0

package memory_test

import (
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store/memory"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store/storetest"
)

func open(t testing.TB) store.Store {
	s := memory.New()
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) store.Store { return open(t) })
}

func Benchmark(b *testing.B) { storetest.Benchmark(b, open(b)) }
