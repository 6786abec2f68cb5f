// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// QoS says what volumes of the types that it is associated with may take; only their hosts could enforce it.
type QoS struct {
	ID, Name, Consumer string
	Specs              map[string]string
	CreatedAt          time.Time
}

var qosTable = &store.Table[QoS]{
	Name: "cinder.qos_specs",
	Key:  func(q *QoS) string { return q.ID },
	Indexes: []store.Index[QoS]{
		{Name: "name", Unique: true, Of: func(q *QoS) []string { return []string{q.Name} }},
	},
}

// consumers are who heeds QoS specs.
var consumers = []string{"front-end", "back-end", "both"}

type qosView struct {
	ID       string            `json:"id"`
	Name     string            `json:"name"`
	Consumer string            `json:"consumer"`
	Specs    map[string]string `json:"specs"`
}

type qosDetail struct {
	Specs qosView    `json:"qos_specs"`
	Links []api.Link `json:"links"`
}

// qosBody are specs by name; name and consumer are among them.
type qosBody struct {
	Specs map[string]api.Opt[string] `json:"qos_specs" need:"3.0-" keys:"^[a-zA-Z0-9-_:. /]{1,255}$" itemlen:"0-255"`
}

type qosKeys struct {
	Keys []string `json:"keys" need:"3.0-" itemlen:"1-255"`
}

// qosAssociation is a type that has QoS specs.
type qosAssociation struct {
	Kind string `json:"association_type"`
	Name string `json:"name"`
	ID   string `json:"id"`
}

func (s *Service) qosRoutes() []api.Route {
	const path, rule = "/qos-specs", "volume_extension:qos_specs_manage:"
	return []api.Route{
		api.Get(path, "", s.listQoS).Policy(rule + "get_all"),
		api.Post(path, "", s.createQoS).Policy(rule + "create"),
		api.Get(path+"/{id}", "", s.showQoS).Policy(rule + "get"),
		api.Put(path+"/{id}", "", s.updateQoS).Policy(rule + "update"),
		api.Delete(path+"/{id}", s.deleteQoS).Policy(rule + "delete").Code(http.StatusAccepted),
		api.Put(path+"/{id}/delete_keys", "", s.deleteQoSKeys).Policy(rule + "delete").Code(http.StatusAccepted),
		api.Get(path+"/{id}/associations", "qos_associations", s.listAssociations).Policy(rule + "get_all"),
		api.Get(path+"/{id}/associate", "", s.associate).Policy(rule + "update").Code(http.StatusAccepted),
		api.Get(path+"/{id}/disassociate", "", s.disassociate).Policy(rule + "update").Code(http.StatusAccepted),
		api.Get(path+"/{id}/disassociate_all", "", s.disassociateAll).Policy(rule + "update").Code(http.StatusAccepted),
	}
}

func (q *QoS) view() qosView { return qosView{q.ID, q.Name, q.Consumer, plain(q.Specs)} }

func (q *QoS) detail(c *api.Call) qosDetail { return qosDetail{q.view(), links(c, "/qos-specs/"+q.ID)} }

func (o *op) qos(id string) (*QoS, error) {
	q, err := qosTable.Get(o.tx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, qosNotFound.of(id)
	}
	return q, err
}

var qosColumns = columns[QoS]{
	"id":         func(q *QoS) any { return q.ID },
	"name":       func(q *QoS) any { return q.Name },
	"consumer":   func(q *QoS) any { return q.Consumer },
	"created_at": func(q *QoS) any { return moment(q.CreatedAt) },
}

func (s *Service) listQoS(c *api.Call) (map[string]any, error) {
	return reading(s, c, func(o *op) (map[string]any, error) {
		q, err := newQuery(c, []string{"id", "name", "consumer"})
		if err != nil {
			return nil, err
		}
		rows, err := qosTable.All(o.tx)
		if err != nil {
			return nil, err
		}
		p, err := cut(q, rows, qosColumns, func(q *QoS) string { return q.ID }, qosNotFound)
		if err != nil {
			return nil, err
		}
		views := []qosView{}
		for _, one := range p.items {
			views = append(views, one.view())
		}
		return listAnswer(q, "qos_specs", p, views), nil
	})
}

func (s *Service) showQoS(c *api.Call) (qosDetail, error) {
	return reading(s, c, func(o *op) (qosDetail, error) {
		q, err := o.qos(c.Var("id"))
		if err != nil {
			return qosDetail{}, err
		}
		return q.detail(c), nil
	})
}

// take moves the consumer out of the specs into the record, and sets the others.
func (q *QoS) take(specs map[string]api.Opt[string]) error {
	for name, value := range specs {
		switch {
		case name == "consumer" && !slices.Contains(consumers, value.Value):
			return badRequest.because("Invalid qos specs: Valid consumer of QoS specs are: ['front-end', 'back-end', 'both']")
		case name == "consumer":
			q.Consumer = value.Value
		default:
			q.Specs[name] = value.Value
		}
	}
	return nil
}

func (s *Service) createQoS(c *api.Call, in *qosBody) (qosDetail, error) {
	name := strings.TrimSpace(in.Specs["name"].Value)
	if name == "" {
		return qosDetail{}, badRequest.of("Invalid input for field/attribute qos_specs. 'name' is a required property")
	}
	q := &QoS{ID: uuid.NewString(), Name: name, Consumer: "back-end", Specs: map[string]string{}}
	specs := maps.Clone(in.Specs)
	delete(specs, "name")
	if err := q.take(specs); err != nil {
		return qosDetail{}, err
	}
	return changing(s, c, func(o *op) (qosDetail, error) {
		q.CreatedAt = o.now
		err := qosTable.Insert(o.tx, q)
		if errors.Is(err, store.ErrExists) {
			err = qosExists.of(name)
		}
		return q.detail(c), err
	})
}

func (s *Service) updateQoS(c *api.Call, in *qosBody) (*qosBody, error) {
	return changing(s, c, func(o *op) (*qosBody, error) {
		q, err := o.qos(c.Var("id"))
		if err != nil {
			return nil, err
		}
		q.Specs = plain(q.Specs)
		if err := q.take(in.Specs); err != nil {
			return nil, err
		}
		return in, qosTable.Put(o.tx, q)
	})
}

func (s *Service) deleteQoSKeys(c *api.Call, in *qosKeys) (api.None, error) {
	return changing(s, c, func(o *op) (api.None, error) {
		q, err := o.qos(c.Var("id"))
		if err != nil {
			return api.None{}, err
		}
		for _, key := range in.Keys {
			if _, has := q.Specs[key]; !has {
				return api.None{}, qosKeyNotFound.of(q.ID, key)
			}
			delete(q.Specs, key)
		}
		return api.None{}, qosTable.Put(o.tx, q)
	})
}

func (s *Service) deleteQoS(c *api.Call) error {
	var force flag
	if asked := c.Request.URL.Query().Get("force"); asked != "" {
		if err := force.Parse(asked); err != nil {
			return invalidInput.because("Value '%s' for 'force' is not a boolean", asked)
		}
	}
	return s.change(c.Context(), c.Identity, func(o *op) error {
		q, err := o.qos(c.Var("id"))
		if err != nil {
			return err
		}
		types, err := o.typesWith(q.ID)
		if err != nil {
			return err
		}
		if len(types) > 0 && !bool(force) {
			return badRequest.of("Qos specs still in use.")
		}
		if err := o.setQoS(types, ""); err != nil {
			return err
		}
		return qosTable.Delete(o.tx, q.ID)
	})
}

// typesWith are the types that have the QoS specs.
func (o *op) typesWith(qos string) ([]*Type, error) {
	all, err := typeTable.All(o.tx)
	return slices.DeleteFunc(all, func(t *Type) bool { return t.QoSID != qos }), err
}

func (o *op) setQoS(types []*Type, qos string) error {
	for _, t := range types {
		t.QoSID = qos
		if err := typeTable.Put(o.tx, t); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) listAssociations(c *api.Call) ([]qosAssociation, error) {
	return reading(s, c, func(o *op) ([]qosAssociation, error) {
		q, err := o.qos(c.Var("id"))
		if err != nil {
			return nil, err
		}
		types, err := o.typesWith(q.ID)
		all := []qosAssociation{}
		for _, t := range types {
			all = append(all, qosAssociation{"volume_type", t.Name, t.ID})
		}
		return all, err
	})
}

// onAssociation changes what QoS specs the type of the query has.
func (s *Service) onAssociation(c *api.Call, change func(*QoS, *Type) error) (api.None, error) {
	id := c.Request.URL.Query().Get("vol_type_id")
	if id == "" {
		return api.None{}, badRequest.of("Volume Type id must not be None.")
	}
	return changing(s, c, func(o *op) (api.None, error) {
		q, err := o.qos(c.Var("id"))
		if err != nil {
			return api.None{}, err
		}
		t, err := o.volumeType(id)
		if err == nil {
			err = change(q, t)
		}
		if err != nil {
			return api.None{}, err
		}
		return api.None{}, typeTable.Put(o.tx, t)
	})
}

func (s *Service) associate(c *api.Call) (api.None, error) {
	return s.onAssociation(c, func(q *QoS, t *Type) error {
		if t.QoSID != "" && t.QoSID != q.ID {
			return badRequest.because("Invalid volume type: Type %s is already associated with another qos specs: %s", t.ID, t.QoSID)
		}
		t.QoSID = q.ID
		return nil
	})
}

func (s *Service) disassociate(c *api.Call) (api.None, error) {
	return s.onAssociation(c, func(q *QoS, t *Type) error {
		if t.QoSID == q.ID {
			t.QoSID = ""
		}
		return nil
	})
}

func (s *Service) disassociateAll(c *api.Call) (api.None, error) {
	return changing(s, c, func(o *op) (api.None, error) {
		q, err := o.qos(c.Var("id"))
		if err != nil {
			return api.None{}, err
		}
		types, err := o.typesWith(q.ID)
		if err != nil {
			return api.None{}, err
		}
		return api.None{}, o.setQoS(types, "")
	})
}

// frontEnd are the specs that the host of a volume of the type heeds, nil for none.
func (o *op) frontEnd(typeID string) (map[string]string, error) {
	t, err := typeTable.Get(o.tx, typeID)
	if err != nil || t.QoSID == "" {
		return nil, err
	}
	q, err := qosTable.Get(o.tx, t.QoSID)
	if err != nil || q.Consumer == "back-end" || len(q.Specs) == 0 {
		return nil, err
	}
	return q.Specs, nil
}
