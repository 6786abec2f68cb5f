// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"errors"
	"net/http"
	"reflect"
	"slices"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Standard is what every record has.
type Standard struct {
	ID          string   `json:"id"`
	ProjectID   string   `json:"project_id"`
	Description string   `json:"description"`
	Tags        []string `json:"tags"`
	CreatedAt   api.Time `json:"created_at"`
	UpdatedAt   api.Time `json:"updated_at"`
	Revision    int      `json:"revision_number"`
}

// owner is the part of every request that says for whom.
type owner struct {
	ProjectID   api.Opt[string] `json:"project_id"  put:"no"`
	TenantID    api.Opt[string] `json:"tenant_id"   put:"no"`
	Description api.Opt[string] `json:"description" len:"0-255"`
}

// collection is one kind of record R, and the fields F that requests may set.
type collection[R, F any] struct {
	one, many string // "security_group", "security_groups"
	path      string // "/security-groups"
	missing   Kind
	table     *store.Table[R]
	base      func(*R) *Standard
	project   func(*F) owner
	// indexed are the attributes that the table has an index for, by the same name.
	indexed []string
	// without are the attributes of Standard that the records do not have.
	without []string
	// shared reports whether projects other than its own see the record; nil for never.
	shared func(*op, *R) bool
	// create fills and stores a new record that has its Standard; update changes a record whose
	// plain attributes are those of the request already; remove deletes it.
	create func(*op, *R, *F) error
	update func(o *op, now, before *R, in *F) error
	remove func(*op, *R) error
	// complete adds what other tables know; nil for nothing.
	complete func(*op, *R) error
	// first runs before a project's records are listed; nil for nothing.
	first func(*op) error

	record, fields shape
}

// ready reads the tags once.
func (k collection[R, F]) ready() *collection[R, F] {
	k.record = slices.DeleteFunc(shapeOf(reflect.TypeFor[R]()), func(a attribute) bool { return slices.Contains(k.without, a.name) })
	k.fields = shapeOf(reflect.TypeFor[F]())
	return &k
}

// routes are the operations that every collection has.
func (k *collection[R, F]) routes(s *Service) []api.Route {
	item := k.path + "/{id}"
	var tags []api.Route
	if !slices.Contains(k.without, "tags") {
		tags = k.tagRoutes(s)
	}
	return append(tags,
		api.Get(k.path, "", func(c *api.Call) (object, error) { return k.list(s, c) }),
		api.Post(k.path, "", func(c *api.Call, body *map[string]any) (object, error) { return k.post(s, c, *body) }).
			Code(http.StatusCreated).MaxBody(1<<20),
		api.Get(item, k.one, func(c *api.Call) (object, error) { return k.show(s, c) }),
		api.Put(item, k.one, func(c *api.Call, in *F) (object, error) { return k.put(s, c, in) }),
		api.Delete(item, func(c *api.Call) error {
			return s.change(c, func(o *op) error {
				if err := k.expect(o, c); err != nil {
					return err
				}
				return k.delete(o, c.Var("id"))
			})
		}),
	)
}

func (k *collection[R, F]) list(s *Service, c *api.Call) (object, error) {
	l, err := k.record.parse(c.Request.URL.Query())
	if err != nil {
		return nil, err
	}
	if k.first != nil {
		if err := s.change(c, k.first); err != nil {
			return nil, err
		}
	}
	all := []object{}
	err = s.read(c, func(o *op) error {
		rows, err := k.rows(o, l.filters)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if !o.sees(k.one, k.base(row).ProjectID, k.shared != nil && k.shared(o, row)) {
				continue
			}
			view, err := k.view(o, row)
			if err != nil {
				return err
			}
			all = append(all, view)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return l.answer(c, k.many, all)
}

// rows are the records that can pass the filters, by an index where there is one.
func (k *collection[R, F]) rows(o *op, filters map[string][]string) ([]*R, error) {
	if ids := filters["id"]; ids != nil {
		var rows []*R
		for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
			row, err := k.table.Get(o.tx, id)
			if errors.Is(err, store.ErrNotFound) {
				continue
			}
			if err != nil {
				return nil, err
			}
			rows = append(rows, row)
		}
		return rows, nil
	}
	for _, name := range k.indexed {
		if values := filters[name]; len(values) == 1 && values[0] != "" {
			return k.table.By(o.tx, name, values[0])
		}
	}
	if k.shared == nil && !o.admin() {
		return k.table.By(o.tx, "project_id", o.identity.ProjectID)
	}
	return k.table.All(o.tx)
}

func (k *collection[R, F]) view(o *op, row *R) (object, error) {
	if k.complete != nil {
		if err := k.complete(o, row); err != nil {
			return nil, err
		}
	}
	return k.record.object(row, func(a attribute) bool {
		return !a.rule || o.allowed("get_"+k.one+":"+a.name, k.base(row).ProjectID)
	}), nil
}

// find is the record, if the caller may see it.
func (k *collection[R, F]) find(o *op, id string) (*R, error) {
	row, err := k.table.Get(o.tx, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, k.missing.of(id)
	case err != nil:
		return nil, err
	case !o.sees(k.one, k.base(row).ProjectID, k.shared != nil && k.shared(o, row)):
		return nil, k.missing.of(id)
	}
	return row, nil
}

func (k *collection[R, F]) show(s *Service, c *api.Call) (view object, err error) {
	l, err := k.record.parse(c.Request.URL.Query())
	if err != nil {
		return nil, err
	}
	err = s.read(c, func(o *op) error {
		row, err := k.find(o, c.Var("id"))
		if err == nil {
			view, err = k.view(o, row)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return l.only(view), nil
}

// post creates the one or the many that a body holds: all of them or none.
func (k *collection[R, F]) post(s *Service, c *api.Call, body map[string]any) (object, error) {
	one, isOne := body[k.one]
	list, isMany := body[k.many].([]any)
	if isOne == isMany || len(body) != 1 {
		return nil, badRequest.of(k.one, "Resource body required")
	}
	if isOne {
		list = []any{one}
	}
	var inputs []*F
	for _, item := range list {
		in, err := api.Decode[F](c, item)
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, in)
	}
	views := make([]object, len(inputs))
	err := s.change(c, func(o *op) error {
		for i, in := range inputs {
			row, err := k.make(o, in)
			if err != nil {
				return err
			}
			if views[i], err = k.view(o, row); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if isOne {
		return object{k.one: views[0]}, nil
	}
	return object{k.many: views}, nil
}

// make creates a record in the caller's name.
func (k *collection[R, F]) make(o *op, in *F) (*R, error) {
	project, err := o.projectOf(k.project(in))
	if err != nil {
		return nil, err
	}
	if err := o.authorize("create_"+k.one, project); err != nil {
		return nil, err
	}
	sent := k.fields.sent(in)
	if err := o.authorizeAttributes("create_"+k.one, sent, project); err != nil {
		return nil, err
	}
	if err := o.quota(k.one, k.table.Name, project); err != nil {
		return nil, err
	}
	row := new(R)
	*k.base(row) = Standard{ID: uuid.NewString(), CreatedAt: o.now, UpdatedAt: o.now, Revision: 1, Tags: []string{}}
	k.record.assign(in, sent, row)
	k.base(row).ProjectID = project
	return row, k.create(o, row, in)
}

func (k *collection[R, F]) put(s *Service, c *api.Call, in *F) (view object, err error) {
	err = s.change(c, func(o *op) error {
		if err := k.expect(o, c); err != nil {
			return err
		}
		row, err := k.change(o, c.Var("id"), in)
		if err == nil {
			view, err = k.view(o, row)
		}
		return err
	})
	return view, err
}

// change updates a record in the caller's name.
func (k *collection[R, F]) change(o *op, id string, in *F) (*R, error) {
	before, err := k.find(o, id)
	if err != nil {
		return nil, err
	}
	project := k.base(before).ProjectID
	if err := o.authorize("update_"+k.one, project); err != nil {
		return nil, err
	}
	sent := k.fields.sent(in)
	for _, a := range sent {
		if a.fixed {
			return nil, httpBadRequest.of("Cannot update read-only attribute " + a.name)
		}
	}
	if err := o.authorizeAttributes("update_"+k.one, sent, project); err != nil {
		return nil, err
	}
	now := new(R)
	*now = *before
	k.record.assign(in, sent, now)
	k.touch(o, now)
	return now, k.update(o, now, before, in)
}

func (k *collection[R, F]) touch(o *op, row *R) {
	base := k.base(row)
	base.UpdatedAt = o.now
	base.Revision++
}

func (k *collection[R, F]) delete(o *op, id string) error {
	row, err := k.find(o, id)
	if err != nil {
		return err
	}
	if err := o.authorize("delete_"+k.one, k.base(row).ProjectID); err != nil {
		return err
	}
	return k.remove(o, row)
}
