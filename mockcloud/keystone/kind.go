// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"errors"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// kind is what all collections need to know of their objects.
type kind[T any] struct {
	table *store.Table[T]
	name  string // "project"
	// target is what policy rules about the object are asked.
	target func(*T) api.Target
}

// read returns the object if the rule lets the caller have it. Who may not see all of a kind is not
// told which exist.
func (of kind[T]) read(k *Keystone, c *api.Call, id, rule string) (*T, error) {
	var row *T
	err := k.view(c, func(tx store.Tx) (err error) {
		row, err = of.find(c, tx, id, rule)
		return err
	})
	return row, err
}

// find is read within a transaction.
func (of kind[T]) find(c *api.Call, tx store.Tx, id, rule string) (*T, error) {
	row, err := of.table.Get(tx, id)
	if errors.Is(err, store.ErrNotFound) {
		if err := allow(c, rule, api.Target{}); err != nil {
			return nil, err
		}
		return nil, missing(store.ErrNotFound, of.name, id)
	}
	if err != nil {
		return nil, err
	}
	return row, allow(c, rule, of.target(row))
}

// change reads the object, lets change do what it is for and stores the result.
func (of kind[T]) change(k *Keystone, c *api.Call, id, rule string, change func(store.Tx, *T) error) (*T, error) {
	var row *T
	err := k.update(c, func(tx store.Tx) (err error) {
		if row, err = of.find(c, tx, id, rule); err != nil {
			return err
		}
		if err := change(tx, row); err != nil {
			return err
		}
		return duplicate(of.table.Put(tx, row), of.name, id)
	})
	return row, err
}

// add stores a new object.
func (of kind[T]) add(k *Keystone, c *api.Call, row *T, name string) error {
	return k.update(c, func(tx store.Tx) error { return duplicate(of.table.Insert(tx, row), of.name, name) })
}

// delete deletes the object after what depends on it.
func (of kind[T]) delete(k *Keystone, c *api.Call, id, rule string, before func(store.Tx, *T) error) error {
	return k.update(c, func(tx store.Tx) error {
		row, err := of.find(c, tx, id, rule)
		if err != nil {
			return err
		}
		if err := before(tx, row); err != nil {
			return err
		}
		return of.table.Delete(tx, id)
	})
}

// all are the objects of a collection: those of one domain, where the index "domain" exists and a
// domain is given.
func (of kind[T]) all(k *Keystone, c *api.Call, domain string) ([]*T, error) {
	var rows []*T
	err := k.view(c, func(tx store.Tx) (err error) {
		if domain != "" {
			rows, err = of.table.By(tx, "domain", domain)
		} else {
			rows, err = of.table.All(tx)
		}
		return err
	})
	return rows, err
}

// anyTarget is for kinds whose rules ask for no target.
func anyTarget[T any](*T) api.Target { return api.Target{} }
