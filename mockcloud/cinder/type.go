// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Type is a volume type's record.
type Type struct {
	ID, Name    string
	Description *string
	Public      bool
	Projects    []string // who may use it, if it is not public
	ExtraSpecs  map[string]string
	Encryption  *Encryption
	QoSID       string // "" for none
	CreatedAt   time.Time
}

// Encryption says how volumes of a type are encrypted.
type Encryption struct {
	ID, Provider, ControlLocation string
	Cipher                        *string
	KeySize                       *int // bits
	CreatedAt, UpdatedAt          time.Time
}

var typeTable = &store.Table[Type]{
	Name: "cinder.types",
	Key:  func(t *Type) string { return t.ID },
	Indexes: []store.Index[Type]{
		{Name: "name", Unique: true, Of: func(t *Type) []string { return []string{t.Name} }},
	},
}

// multiattach reports whether several servers may have a volume of the type at once.
func (t *Type) multiattach() bool { return t.ExtraSpecs["multiattach"] == "<is> True" }

// takes holds a size in GiB against the type's extra specs.
func (t *Type) takes(size int) error {
	least, err := strconv.Atoi(t.ExtraSpecs["provisioning:min_vol_size"])
	if err == nil && size < least {
		return invalidInput.because("Specified size of '%d' is less than the minimum required size of '%d' for volume type '%s'.", size, least, t.Name)
	}
	most, err := strconv.Atoi(t.ExtraSpecs["provisioning:max_vol_size"])
	if err == nil && size > most {
		return invalidInput.because("Specified size of '%d' is greater than the maximum allowable size of '%d' for volume type '%s'.", size, most, t.Name)
	}
	return nil
}

// usable reports whether the caller may know and use the type.
func (o *op) usable(t *Type) bool {
	return t.Public || o.admin() || slices.Contains(t.Projects, o.identity.ProjectID)
}

// volumeType is the type of that id.
func (o *op) volumeType(id string) (*Type, error) {
	t, err := typeTable.Get(o.tx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && !o.usable(t) {
		return nil, typeNotFound.of(id)
	}
	return t, err
}

// typeNamed is the type of that id or name.
func (o *op) typeNamed(name string) (*Type, error) {
	if isID(name) {
		if t, err := o.volumeType(name); !typeNotFound.is(err) {
			return t, err
		}
	}
	t, err := typeTable.One(o.tx, "name", name)
	if errors.Is(err, store.ErrNotFound) || err == nil && !o.usable(t) {
		if isID(name) {
			return nil, typeNotFound.of(name)
		}
		return nil, typeNotFoundByName.of(name)
	}
	return t, err
}

// typeNames are the names of all types by id.
func (o *op) typeNames() (map[string]string, error) {
	types, err := typeTable.All(o.tx)
	names := map[string]string{}
	for _, t := range types {
		names[t.ID] = t.Name
	}
	return names, err
}

// inUse reports whether there are volumes of the type.
func (o *op) inUse(typeID string) (bool, error) {
	for _, err := range o.tx.Lookup(volumeTable.Name, "type", typeID) {
		return err == nil, err
	}
	return false, nil
}
