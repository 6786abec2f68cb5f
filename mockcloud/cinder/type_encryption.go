// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"net/http"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// EncryptionBody is what is sent of a type's encryption. The files are not encrypted: what is kept here is
// what Cinder tells of it.
type EncryptionBody struct {
	Provider        string               `json:"provider" len:"0-255"`
	ControlLocation string               `json:"control_location" oneof:"front-end back-end"`
	Cipher          api.Opt[string]      `json:"cipher"   null:"ok" len:"0-255"`
	KeySize         api.Opt[api.Natural] `json:"key_size" null:"ok" range:"0-2147483647"`
	Rest            map[string]any       `json:"*"`
}

type encryptionView struct {
	Provider        string  `json:"provider"`
	ControlLocation string  `json:"control_location"`
	Cipher          *string `json:"cipher"`
	KeySize         *int    `json:"key_size"`
	// Of a new one only.
	TypeID string `json:"volume_type_id,omitempty"`
	ID     string `json:"encryption_id,omitempty"`
}

func (s *Service) encryptionRoutes() []api.Route {
	const path = "/types/{type}/encryption"
	return []api.Route{
		api.Get(path, "", s.listEncryption).Policy("volume_extension:volume_type_encryption:get"),
		api.Post(path, "encryption", s.createEncryption).Policy("volume_extension:volume_type_encryption:create"),
		api.Get(path+"/{key}", "", s.showEncryption).Policy("volume_extension:volume_type_encryption:get"),
		api.Put(path+"/{key}", "encryption", s.updateEncryption).Policy("volume_extension:volume_type_encryption:update"),
		api.Delete(path+"/{key}", s.deleteEncryption).Policy("volume_extension:volume_type_encryption:delete").Code(http.StatusAccepted),
	}
}

// details are the type's encryption as Cinder's database has it; empty for none.
func (t *Type) details() map[string]any {
	e := t.Encryption
	if e == nil {
		return map[string]any{}
	}
	return map[string]any{
		"volume_type_id": t.ID, "encryption_id": e.ID, "provider": e.Provider, "control_location": e.ControlLocation,
		"cipher": e.Cipher, "key_size": e.KeySize, "created_at": api.Micros{Time: e.CreatedAt}, "updated_at": api.Micros{Time: e.UpdatedAt},
		"deleted": false, "deleted_at": nil,
	}
}

func (s *Service) listEncryption(c *api.Call) (map[string]any, error) {
	return reading(s, c, func(o *op) (map[string]any, error) {
		t, err := o.volumeType(c.Var("type"))
		if err != nil {
			return nil, err
		}
		return t.details(), nil
	})
}

func (s *Service) showEncryption(c *api.Call) (map[string]any, error) {
	all, err := s.listEncryption(c)
	if err != nil {
		return nil, err
	}
	value, ok := all[c.Var("key")]
	if !ok {
		return nil, encryptionNotFound.of(c.Var("type"))
	}
	return map[string]any{c.Var("key"): value}, nil
}

// changeEncryption changes the encryption of a type that no volume has.
func (s *Service) changeEncryption(c *api.Call, doing string, change func(*op, *Type) error) error {
	return s.change(c.Context(), c.Identity, func(o *op) error {
		t, err := o.volumeType(c.Var("type"))
		if err != nil {
			return err
		}
		inUse, err := o.inUse(t.ID)
		switch {
		case err != nil:
			return err
		case inUse && t.Encryption != nil:
			return badRequest.because("Cannot %s encryption specs. Volume type in use.", doing)
		}
		if err := change(o, t); err != nil {
			return err
		}
		return typeTable.Put(o.tx, t)
	})
}

// apply sets what was sent.
func (in *EncryptionBody) apply(e *Encryption) encryptionView {
	if in.Provider != "" {
		e.Provider = in.Provider
	}
	if in.ControlLocation != "" {
		e.ControlLocation = in.ControlLocation
	}
	if in.Cipher.Set {
		e.Cipher = in.Cipher.Pointer()
	}
	if size := in.KeySize.Pointer(); in.KeySize.Set {
		e.KeySize = nil
		if size != nil {
			bits := int(*size)
			e.KeySize = &bits
		}
	}
	return encryptionView{Provider: e.Provider, ControlLocation: e.ControlLocation, Cipher: e.Cipher, KeySize: e.KeySize}
}

func (s *Service) createEncryption(c *api.Call, in *EncryptionBody) (view encryptionView, err error) {
	for name, value := range map[string]string{"provider": in.Provider, "control_location": in.ControlLocation} {
		if value == "" {
			return view, badRequest.because("Invalid input for field/attribute encryption. '%s' is a required property", name)
		}
	}
	err = s.changeEncryption(c, "create", func(o *op, t *Type) error {
		if t.Encryption != nil {
			return encryptionExists.of(t.ID)
		}
		t.Encryption = &Encryption{ID: uuid.NewString(), CreatedAt: o.now}
		view = in.apply(t.Encryption)
		view.TypeID, view.ID = t.ID, t.Encryption.ID
		return nil
	})
	return view, err
}

func (s *Service) updateEncryption(c *api.Call, in *EncryptionBody) (view encryptionView, err error) {
	err = s.changeEncryption(c, "update", func(o *op, t *Type) error {
		if t.Encryption == nil {
			return encryptionNotFound.of(t.ID)
		}
		view = in.apply(t.Encryption)
		t.Encryption.UpdatedAt = o.now
		return nil
	})
	return view, err
}

func (s *Service) deleteEncryption(c *api.Call) error {
	return s.changeEncryption(c, "delete", func(_ *op, t *Type) error {
		if t.Encryption == nil {
			return encryptionNotFound.of(t.ID)
		}
		t.Encryption = nil
		return nil
	})
}

// showVolumeEncryption serves GET /volumes/{id}/encryption.
func (s *Service) showVolumeEncryption(c *api.Call) (map[string]any, error) {
	return reading(s, c, func(o *op) (map[string]any, error) {
		v, err := o.ownVolume("volume_extension:volume_encryption_metadata", c.Var("id"))
		if err != nil {
			return nil, err
		}
		t, err := typeTable.Get(o.tx, v.TypeID)
		if err != nil {
			return nil, err
		}
		all := map[string]any{"encryption_key_id": nil}
		if t.Encryption != nil && v.Encrypted {
			all["provider"], all["control_location"] = t.Encryption.Provider, t.Encryption.ControlLocation
			all["cipher"], all["key_size"] = t.Encryption.Cipher, t.Encryption.KeySize
		}
		return all, nil
	})
}

func (s *Service) showVolumeEncryptionKey(c *api.Call) (any, error) {
	all, err := s.showVolumeEncryption(c)
	if err != nil {
		return nil, err
	}
	value, ok := all[c.Var("key")]
	if !ok {
		return nil, encryptionNotFound.of(c.Var("id"))
	}
	return value, nil
}
