// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"crypto/md5" //nolint:gosec // Cinder's ETag is an MD5
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

type metadataBody struct {
	Metadata map[string]string `json:"metadata" need:"3.0-" keys:"^[a-zA-Z0-9-_:. /]{1,255}$" itemlen:"0-255"`
}

type metaBody struct {
	Meta map[string]string `json:"meta" need:"3.0-" keys:"^[a-zA-Z0-9-_:. /]{1,255}$" itemlen:"0-255" len:"1-1"`
}

// metadataOwner is a collection whose members have metadata.
type metadataOwner struct {
	path          string // "/volumes/{id}/metadata"
	read, write   string // policy rules
	remove        string
	missing       kind
	tagged        bool // with an ETag, since 3.15
	open          func(o *op, rule, id string) (map[string]string, error)
	replace       func(o *op, id string, all map[string]string) error
	changeAllowed func(o *op, id, doing string) error
}

func (s *Service) metadataRoutes() []api.Route {
	return append(s.routesOf(volumeMetadata()), s.routesOf(snapshotMetadata())...)
}

func volumeMetadata() *metadataOwner {
	return &metadataOwner{
		path: "/volumes/{id}/metadata", missing: metadataNotFound, tagged: true,
		read: "volume:get_volume_metadata", write: "volume:update_volume_metadata", remove: "volume:delete_volume_metadata",
		open: func(o *op, rule, id string) (map[string]string, error) {
			v, err := o.ownVolume(rule, id)
			if err != nil {
				return nil, err
			}
			return plain(v.Metadata), nil
		},
		replace: func(o *op, id string, all map[string]string) error {
			v, err := o.volume(id)
			if err != nil {
				return err
			}
			v.Metadata = all
			return o.putVolume(v)
		},
		changeAllowed: (*op).metadataChangeAllowed,
	}
}

// metadataChangeAllowed refuses to change metadata of a volume that is being looked at.
func (o *op) metadataChangeAllowed(id, doing string) error {
	v, err := o.volume(id)
	if err == nil && (v.Status == Maintenance || v.Status == Uploading) {
		err = invalidVolume.because("%s volume metadata is not allowed for volumes in %s status.", doing, v.Status)
	}
	return err
}

func snapshotMetadata() *metadataOwner {
	return &metadataOwner{
		path: "/snapshots/{id}/metadata", missing: snapshotMetaNotFound,
		read: "volume:get_snapshot_metadata", write: "volume:update_snapshot_metadata", remove: "volume:delete_snapshot_metadata",
		open: func(o *op, rule, id string) (map[string]string, error) {
			snapshot, err := o.ownSnapshot(rule, id)
			if err != nil {
				return nil, err
			}
			return plain(snapshot.Metadata), nil
		},
		replace: func(o *op, id string, all map[string]string) error {
			snapshot, err := o.ownSnapshot("volume:get_snapshot", id)
			if err != nil {
				return err
			}
			snapshot.Metadata = all
			return o.putSnapshot(snapshot)
		},
		changeAllowed: func(*op, string, string) error { return nil },
	}
}

func (s *Service) routesOf(m *metadataOwner) []api.Route {
	return []api.Route{
		api.Get(m.path, "metadata", func(c *api.Call) (map[string]string, error) {
			all, err := reading(s, c, func(o *op) (map[string]string, error) { return m.open(o, m.read, c.Var("id")) })
			if err == nil && m.tagged && c.Since(tagsMetadata) {
				c.Header().Set("ETag", tagOf(all))
			}
			return all, err
		}),
		api.Post(m.path, "", func(c *api.Call, in *metadataBody) (metadataBody, error) {
			return m.change(s, c, func(now map[string]string) map[string]string { return merged(now, in.Metadata) })
		}),
		api.Put(m.path, "", func(c *api.Call, in *metadataBody) (metadataBody, error) {
			return m.change(s, c, func(map[string]string) map[string]string { return plain(in.Metadata) })
		}),
		api.Get(m.path+"/{key}", "meta", func(c *api.Call) (map[string]string, error) {
			return reading(s, c, func(o *op) (map[string]string, error) {
				all, err := m.open(o, m.read, c.Var("id"))
				if err != nil {
					return nil, err
				}
				value, ok := all[c.Var("key")]
				if !ok {
					return nil, m.missing.of(c.Var("id"), c.Var("key"))
				}
				return map[string]string{c.Var("key"): value}, nil
			})
		}),
		api.Put(m.path+"/{key}", "", func(c *api.Call, in *metaBody) (metaBody, error) {
			if _, ok := in.Meta[c.Var("key")]; !ok {
				return metaBody{}, mismatchedRequest.of("")
			}
			_, err := m.change(s, c, func(now map[string]string) map[string]string { return merged(now, in.Meta) })
			return *in, err
		}),
		api.Delete(m.path+"/{key}", func(c *api.Call) error { return m.delete(s, c) }).Code(http.StatusOK),
	}
}

func merged(now, more map[string]string) map[string]string {
	all := maps.Clone(now)
	maps.Copy(all, more)
	return all
}

func (m *metadataOwner) change(s *Service, c *api.Call, to func(map[string]string) map[string]string) (metadataBody, error) {
	return changing(s, c, func(o *op) (metadataBody, error) {
		now, err := m.open(o, m.write, c.Var("id"))
		if err != nil {
			return metadataBody{}, err
		}
		if match := c.Request.Header.Get("If-Match"); match != "" && m.tagged && c.Since(tagsMetadata) && !strings.Contains(match, tagOf(now)) {
			return metadataBody{}, api.NewFault(http.StatusPreconditionFailed, "The metadata has changed.")
		}
		if err := m.changeAllowed(o, c.Var("id"), "Updating"); err != nil {
			return metadataBody{}, err
		}
		all := to(now)
		return metadataBody{all}, m.replace(o, c.Var("id"), all)
	})
}

func (m *metadataOwner) delete(s *Service, c *api.Call) error {
	return s.change(c.Context(), c.Identity, func(o *op) error {
		all, err := m.open(o, m.remove, c.Var("id"))
		if err != nil {
			return err
		}
		if _, ok := all[c.Var("key")]; !ok {
			return m.missing.of(c.Var("id"), c.Var("key"))
		}
		if err := m.changeAllowed(o, c.Var("id"), "Deleting"); err != nil {
			return err
		}
		delete(all, c.Var("key"))
		return m.replace(o, c.Var("id"), all)
	})
}

// tagOf is the ETag of metadata: it changes with every change of it.
func tagOf(all map[string]string) string {
	body, err := json.Marshal(map[string]any{"metadata": all})
	if err != nil { // a map of strings cannot fail to encode
		return ""
	}
	sum := md5.Sum(body) //nolint:gosec // see the import
	return hex.EncodeToString(sum[:])
}
