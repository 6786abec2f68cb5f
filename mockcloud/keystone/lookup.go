// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"context"
	"errors"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// ProjectExists tells whether there is a project with that id.
func (k *Keystone) ProjectExists(ctx context.Context, id string) (bool, error) {
	exists := false
	err := k.store.View(ctx, func(tx store.Tx) error {
		p, err := projects.Get(tx, id)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		exists = err == nil && !p.IsDomain
		return err
	})
	return exists, err
}

// ProjectID is the id of the project with that name in the domain default, or "".
func (k *Keystone) ProjectID(ctx context.Context, name string) (id string, err error) {
	err = k.store.View(ctx, func(tx store.Tx) error {
		p, err := projects.One(tx, "name", within(defaultDomain, name)[0])
		if errors.Is(err, store.ErrNotFound) {
			id = ""
			return nil
		}
		if err == nil {
			id = p.ID
		}
		return err
	})
	return id, err
}
