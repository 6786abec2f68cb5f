// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// keypairRecord is a keypair as it is kept: it belongs to a user, and has no private part.
type keypairRecord struct {
	UserID, Name, Type     string
	PublicKey, Fingerprint string
	Number                 int64
	CreatedAt              time.Time
}

var keypairTable = store.Table[keypairRecord]{
	Name: "nova_keypairs",
	Key:  func(k *keypairRecord) string { return keypairKey(k.UserID, k.Name) },
	Indexes: []store.Index[keypairRecord]{
		{Name: "user", Of: func(k *keypairRecord) []string { return []string{k.UserID} }},
	},
}

func keypairKey(userID, name string) string { return userID + "/" + name }

// KeypairCreate is the body of POST /os-keypairs. Without a public key Nova makes the pair, up to
// 2.91.
type KeypairCreate struct {
	OldName   name            `json:"name"       nova:"-2.91" need:"-2.91" len:"1-255" pattern:"^[_\\- a-zA-Z0-9]+$"`
	Name      name            `json:"name"       nova:"2.92-" need:"2.92-" len:"1-255" pattern:"^[_\\-\\@\\. a-zA-Z0-9]+$"`
	PublicKey api.Opt[string] `json:"public_key" need:"2.92-"`
	Type      string          `json:"type"       nova:"2.2-"  oneof:"ssh x509"`
	UserID    string          `json:"user_id"    nova:"2.10-"`
}

// Keypair is a keypair as Nova shows it.
type Keypair struct {
	Name        string          `json:"name"`
	PublicKey   string          `json:"public_key"`
	Fingerprint string          `json:"fingerprint"`
	Type        string          `json:"type"        nova:"2.2-"`
	PrivateKey  api.Opt[string] `json:"private_key,omitempty"`
	UserID      string          `json:"user_id,omitempty"`
}

// keypairDetail is what GET /os-keypairs/{name} adds.
type keypairDetail struct {
	Keypair
	ID        int64      `json:"id"`
	Deleted   bool       `json:"deleted"`
	CreatedAt api.Micros `json:"created_at"`
	DeletedAt api.Micros `json:"deleted_at"`
	UpdatedAt api.Micros `json:"updated_at"`
}

// keypairItem is a keypair in a list, wrapped once more.
type keypairItem struct {
	Keypair Keypair `json:"keypair"`
}

// keypairQuery are the parameters of the keypair operations.
type keypairQuery struct {
	UserID string `json:"user_id" nova:"2.10-"`
}

type keypairListQuery struct {
	keypairQuery
	api.Paging `nova:"2.35-"`
}

func (s *Service) keypairRoutes() []api.Route {
	ask := api.QueryOf[keypairQuery]()
	return []api.Route{
		api.Get("/os-keypairs", "keypairs", s.listKeypairs).AskedBy(api.QueryOf[keypairListQuery]()).Loose("-2.74"),
		api.Post("/os-keypairs", "keypair", s.createKeypair).Codes(api.Since[int]{{From: 1, Value: 200}, {From: 2, Value: 201}}),
		api.Get("/os-keypairs/{name}", "keypair", s.showKeypair).AskedBy(ask).Loose("-2.74"),
		api.Delete("/os-keypairs/{name}", s.deleteKeypair).AskedBy(ask).Loose("-2.74").
			Codes(api.Since[int]{{From: 1, Value: 202}, {From: 2, Value: 204}}),
	}
}

// keypairOwner is whose keypairs the request is about, if policy lets the caller at them.
func keypairOwner(c *api.Call, operation, userID string) (string, error) {
	userID = cmp.Or(userID, c.Identity.UserID)
	return userID, c.Authorize(rule("os-keypairs:"+operation), api.Target{UserID: userID})
}

func (s *Service) createKeypair(c *api.Call, in *KeypairCreate) (Keypair, error) {
	owner, err := keypairOwner(c, "create", in.UserID)
	if err != nil {
		return Keypair{}, err
	}
	record := &keypairRecord{UserID: owner, Name: string(in.OldName + in.Name), Type: cmp.Or(in.Type, sshKey), PublicKey: in.PublicKey.Value, CreatedAt: s.Clock.Now()}
	view := Keypair{}
	if !in.PublicKey.Set {
		made, err := generateKey(s.Random, record.Type, owner, s.Clock.Now())
		if err != nil {
			return Keypair{}, err
		}
		record.PublicKey = made.public
		view.PrivateKey = api.Some(made.private)
	}
	if record.Fingerprint, err = fingerprint(record.Type, record.PublicKey); err != nil {
		return Keypair{}, api.BadRequest("Keypair data is invalid: %s", err)
	}
	if err := s.Store.Update(c.Context(), func(tx store.Tx) error { return s.insertKeypair(tx, c, record) }); err != nil {
		return Keypair{}, err
	}
	private := view.PrivateKey
	view = record.view()
	view.PrivateKey, view.UserID = private, owner
	return view, nil
}

func (s *Service) insertKeypair(tx store.Tx, c *api.Call, record *keypairRecord) error {
	own, err := keypairTable.By(tx, "user", record.UserID)
	if err != nil {
		return err
	}
	limits, err := s.Compute.LimitsIn(tx, c.ProjectID(), record.UserID)
	if err != nil {
		return err
	}
	if most := limits[compute.QuotaKeyPairs]; most != compute.Unlimited && len(own) >= most {
		return api.Forbidden("Quota exceeded, too many key pairs.")
	}
	for _, other := range own {
		record.Number = max(record.Number, other.Number)
	}
	record.Number++
	if err := keypairTable.Insert(tx, record); errors.Is(err, store.ErrExists) {
		return api.Conflict("Key pair '%s' already exists.", record.Name)
	} else if err != nil {
		return err
	}
	return nil
}

func (k *keypairRecord) view() Keypair {
	return Keypair{Name: k.Name, PublicKey: k.PublicKey, Fingerprint: k.Fingerprint, Type: k.Type}
}

// keypair finds a user's keypair.
func (s *Service) keypair(tx store.Tx, userID, name string) (*keypairRecord, error) {
	k, err := keypairTable.Get(tx, keypairKey(userID, name))
	if errors.Is(err, store.ErrNotFound) {
		return nil, api.NotFound("Keypair %s not found for user %s", name, userID)
	}
	return k, err
}

func (s *Service) showKeypair(c *api.Call) (detail keypairDetail, err error) {
	owner, err := keypairOwner(c, "show", api.Query[keypairQuery](c).UserID)
	if err != nil {
		return detail, err
	}
	err = s.Store.View(c.Context(), func(tx store.Tx) error {
		k, err := s.keypair(tx, owner, c.Var("name"))
		if err != nil {
			return err
		}
		detail = keypairDetail{Keypair: k.view(), ID: k.Number, CreatedAt: api.Micros{Time: k.CreatedAt}}
		detail.UserID = owner
		return nil
	})
	return detail, err
}

func (s *Service) deleteKeypair(c *api.Call) error {
	owner, err := keypairOwner(c, "delete", api.Query[keypairQuery](c).UserID)
	if err != nil {
		return err
	}
	return s.Store.Update(c.Context(), func(tx store.Tx) error {
		k, err := s.keypair(tx, owner, c.Var("name"))
		if err != nil {
			return err
		}
		return keypairTable.Delete(tx, keypairTable.Key(k))
	})
}

func (s *Service) listKeypairs(c *api.Call) (page api.Page[keypairItem], err error) {
	q := api.Query[keypairListQuery](c)
	owner, err := keypairOwner(c, "index", q.UserID)
	if err != nil {
		return page, err
	}
	items := []keypairItem{}
	err = s.Store.View(c.Context(), func(tx store.Tx) error {
		own, err := keypairTable.By(tx, "user", owner)
		if err != nil {
			return err
		}
		items = items[:0]
		slices.SortFunc(own, func(a, b *keypairRecord) int { return cmp.Compare(a.Name, b.Name) })
		for _, k := range own {
			items = append(items, keypairItem{k.view()})
		}
		return nil
	})
	if err != nil || !c.Since(pagesKeypairs) {
		return api.Page[keypairItem]{Items: items}, err
	}
	page, err = api.Paged(c, items, q.Paging, maxLimit, func(k keypairItem) string { return k.Keypair.Name })
	if err != nil {
		return page, noMarker(q.Marker)
	}
	return page, nil
}
