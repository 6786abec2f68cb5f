// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Transfer is a volume that is offered to whoever knows the key, of which only a hash is kept.
type Transfer struct {
	ID, VolumeID, ProjectID string
	Name                    *string
	Salt, Hash              string
	NoSnapshots             bool
	CreatedAt               time.Time
}

var transferTable = &store.Table[Transfer]{
	Name: "cinder.transfers",
	Key:  func(t *Transfer) string { return t.ID },
	Indexes: []store.Index[Transfer]{
		{Name: "project", Of: func(t *Transfer) []string { return []string{t.ProjectID} }},
		{Name: "volume", Of: func(t *Transfer) []string { return []string{t.VolumeID} }},
	},
}

// TransferCreate is the body of POST /os-volume-transfer.
type TransferCreate struct {
	VolumeID    string        `json:"volume_id" need:"3.0-" format:"uuid"`
	Name        api.Opt[line] `json:"name" null:"ok" len:"0-255"`
	NoSnapshots flag          `json:"no_snapshots" nova:"3.55-"`
}

// transferKey is the key as it was given: Cinder takes a number for one, too.
type transferKey string

// Parse implements api.Parser.
func (k *transferKey) Parse(v any) error {
	switch v := v.(type) {
	case string:
		*k = transferKey(v)
	case json.Number:
		*k = transferKey(v.String())
	default:
		return api.WrongType(v, "string", "integer")
	}
	return nil
}

type transferAccept struct {
	Key transferKey `json:"auth_key" need:"3.0-"`
}

type transferView struct {
	ID       string     `json:"id"`
	VolumeID string     `json:"volume_id"`
	Name     *string    `json:"name"`
	Links    []api.Link `json:"links"`
}

type transferDetail struct {
	transferView
	CreatedAt   api.Micros      `json:"created_at"`
	Key         api.Opt[string] `json:"auth_key,omitempty"` // only once
	NoSnapshots bool            `json:"no_snapshots"           nova:"3.55-"`
	Destination *string         `json:"destination_project_id" nova:"3.57-"`
	Source      string          `json:"source_project_id"      nova:"3.57-"`
	Accepted    bool            `json:"accepted"               nova:"3.57-"`
}

// transferRoutes are two faces of the same: the second came with 3.55.
func (s *Service) transferRoutes() []api.Route {
	var routes []api.Route
	for path, since := range map[string]string{"/os-volume-transfer": "", "/volume-transfers": "3.55-"} {
		routes = append(routes,
			api.Get(path, "", s.listTransfers(false)).Only(since),
			api.Get(path+"/detail", "", s.listTransfers(true)).Only(since),
			api.Post(path, "transfer", s.createTransfer).Only(since).Code(http.StatusAccepted),
			api.Get(path+"/{id}", "transfer", s.showTransfer).Only(since),
			api.Delete(path+"/{id}", s.deleteTransfer).Only(since).Code(http.StatusAccepted),
			api.Post(path+"/{id}/accept", "accept", s.acceptTransfer).Answer("transfer").Only(since).Code(http.StatusAccepted),
		)
	}
	return routes
}

func (t *Transfer) view(c *api.Call) transferView {
	return transferView{ID: t.ID, VolumeID: t.VolumeID, Name: t.Name, Links: links(c, "/os-volume-transfer/"+t.ID)}
}

func (t *Transfer) detail(c *api.Call) transferDetail {
	return transferDetail{transferView: t.view(c), CreatedAt: api.Micros{Time: t.CreatedAt}, NoSnapshots: t.NoSnapshots, Source: t.ProjectID}
}

func (t *Transfer) hash(key string) string {
	mac := hmac.New(sha256.New, []byte(t.Salt))
	_, _ = mac.Write([]byte(key))
	return hex.EncodeToString(mac.Sum(nil))
}

// secret is so many random bytes in hex.
func secret(bytes int) string {
	raw := make([]byte, bytes)
	_, _ = rand.Read(raw) // it never fails
	return hex.EncodeToString(raw)
}

func (o *op) ownTransfer(rule, id string) (*Transfer, error) {
	t, err := transferTable.Get(o.tx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && !o.sees(t.ProjectID) {
		return nil, transferNotFound.of(id)
	}
	if err != nil {
		return nil, err
	}
	return t, o.authorize(rule, t.ProjectID)
}

var transferColumns = columns[Transfer]{
	"id":           func(t *Transfer) any { return t.ID },
	"name":         func(t *Transfer) any { return text(t.Name) },
	"display_name": func(t *Transfer) any { return text(t.Name) },
	"volume_id":    func(t *Transfer) any { return t.VolumeID },
	"created_at":   func(t *Transfer) any { return moment(t.CreatedAt) },
}

func (s *Service) listTransfers(detail bool) func(*api.Call) (map[string]any, error) {
	return func(c *api.Call) (map[string]any, error) {
		return reading(s, c, func(o *op) (map[string]any, error) {
			if err := o.authorize("volume:get_all_transfers", o.identity.ProjectID); err != nil {
				return nil, err
			}
			q, err := newQuery(c, []string{"name", "volume_id"})
			if err != nil {
				return nil, err
			}
			if !c.Since(pagesTransfers) {
				q.sort, q.marker = []order{{column: "created_at"}}, ""
			}
			rows, err := rowsOf(o, q, transferTable)
			if err != nil {
				return nil, err
			}
			p, err := cut(q, rows, transferColumns, func(t *Transfer) string { return t.ID }, transferNotFound)
			if err != nil {
				return nil, err
			}
			views := []any{}
			for _, t := range p.items {
				if detail {
					views = append(views, t.detail(c))
				} else {
					views = append(views, t.view(c))
				}
			}
			return listAnswer(q, "transfers", p, views), nil
		})
	}
}

func (s *Service) showTransfer(c *api.Call) (transferDetail, error) {
	return reading(s, c, func(o *op) (transferDetail, error) {
		t, err := o.ownTransfer("volume:get_transfer", c.Var("id"))
		if err != nil {
			return transferDetail{}, err
		}
		return t.detail(c), nil
	})
}

func (s *Service) createTransfer(c *api.Call, in *TransferCreate) (transferDetail, error) {
	key := secret(8)
	return changing(s, c, func(o *op) (transferDetail, error) {
		v, err := o.ownVolume("volume:create_transfer", in.VolumeID)
		if err != nil {
			return transferDetail{}, err
		}
		if v.Status != Available {
			return transferDetail{}, invalidVolume.of("status must be available")
		}
		snapshots, err := snapshotTable.By(o.tx, "volume", v.ID)
		if err != nil {
			return transferDetail{}, err
		}
		for _, snapshot := range snapshots {
			if snapshot.Status != Available && !bool(in.NoSnapshots) {
				return transferDetail{}, invalidSnapshot.because("snapshot: %s status must be available", snapshot.ID)
			}
		}
		t := &Transfer{
			ID: uuid.NewString(), VolumeID: v.ID, ProjectID: v.ProjectID, Salt: secret(8), NoSnapshots: bool(in.NoSnapshots), CreatedAt: o.now,
		}
		rename(&t.Name, in.Name)
		t.Hash = t.hash(key)
		v.Status = AwaitingTransfer
		if err := errors.Join(transferTable.Insert(o.tx, t), o.putVolume(v)); err != nil {
			return transferDetail{}, err
		}
		view := t.detail(c)
		view.Key = api.Some(key)
		return view, nil
	})
}

func (s *Service) deleteTransfer(c *api.Call) error {
	return s.change(c.Context(), c.Identity, func(o *op) error {
		t, err := o.ownTransfer("volume:delete_transfer", c.Var("id"))
		if err != nil {
			return err
		}
		v, err := volumeTable.Get(o.tx, t.VolumeID)
		if err != nil {
			return err
		}
		if v.Status == AwaitingTransfer {
			v.Status = Available
		}
		return errors.Join(transferTable.Delete(o.tx, t.ID), o.putVolume(v))
	})
}

// acceptTransfer makes the volume the caller's.
func (s *Service) acceptTransfer(c *api.Call, in *transferAccept) (transferView, error) {
	return changing(s, c, func(o *op) (transferView, error) {
		if err := o.authorize("volume:accept_transfer", o.identity.ProjectID); err != nil {
			return transferView{}, err
		}
		t, err := transferTable.Get(o.tx, c.Var("id"))
		if errors.Is(err, store.ErrNotFound) {
			return transferView{}, transferNotFound.of(c.Var("id"))
		}
		if err != nil {
			return transferView{}, err
		}
		if !hmac.Equal([]byte(t.Hash), []byte(t.hash(string(in.Key)))) {
			return transferView{}, invalidAuthKey.because("Attempt to transfer %s with invalid auth key.", t.ID)
		}
		v, err := volumeTable.Get(o.tx, t.VolumeID)
		if err != nil {
			return transferView{}, err
		}
		if v.Status != AwaitingTransfer {
			return transferView{}, invalidVolume.because("Volume %s is %s and not awaiting a transfer.", v.ID, v.Status)
		}
		return t.view(c), o.handOver(t, v)
	})
}

// handOver gives the volume, and its snapshots if they belong to the transfer, to the caller's project.
func (o *op) handOver(t *Transfer, v *Volume) error {
	if err := o.reserveVolume(&creation{volume: v, size: v.Size}); err != nil {
		return err
	}
	project, user := o.identity.ProjectID, o.identity.UserID
	v.ProjectID, v.UserID, v.Status = project, user, Available
	if err := errors.Join(o.putVolume(v), transferTable.Delete(o.tx, t.ID)); err != nil || t.NoSnapshots {
		return err
	}
	snapshots, err := snapshotTable.By(o.tx, "volume", v.ID)
	if err != nil {
		return err
	}
	for _, snapshot := range snapshots {
		if err := o.reserveSnapshot(v); err != nil {
			return err
		}
		snapshot.ProjectID, snapshot.UserID = project, user
		if err := o.putSnapshot(snapshot); err != nil {
			return err
		}
	}
	return nil
}
