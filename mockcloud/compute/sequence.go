// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"errors"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// next counts up the sequence of that name, from 1.
func next(tx store.Tx, name string) (int64, error) {
	s, err := sequences.Get(tx, name)
	if errors.Is(err, store.ErrNotFound) {
		s, err = &sequence{Name: name}, nil
	}
	if err != nil {
		return 0, err
	}
	s.Last++
	return s.Last, sequences.Put(tx, s)
}
