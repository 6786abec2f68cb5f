// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/fault"
)

// Faults are the rules by which requests to the cloud fail. They hold for all services, but neither for consoles nor
// for the cloud's own doors below /mock. Over HTTP it is /mock/v1/faults.
func (c *Cloud) Faults() *fault.Rules { return c.faults }

// operations are the names of all operations by service, for rules.
func operations(services map[string]http.Handler) map[string][]string {
	all := map[string][]string{}
	for _, handler := range services {
		service, routes := api.OperationsOf(handler)
		if service == controlType {
			continue // rules do not hold for themselves
		}
		for _, o := range routes {
			all[service] = append(all[service], o.Name())
		}
	}
	return all
}

// judged lets the rules strike requests to a service; without rules it costs the look whether there are any.
func (c *Cloud) judged(service http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c.faults.Any() {
			r = api.Judged(r, c.faults, c.options.Clock)
		}
		service.ServeHTTP(w, r)
	})
}

// faultRoutes are /mock/v1/faults: the rules as a list, which PUT and DELETE change as a whole, and one by one.
func (c *Cloud) faultRoutes() []api.Route {
	return []api.Route{
		api.Get("/faults", "faults", func(*api.Call) ([]ruleView, error) { return c.ruleViews(), nil }).Policy("fault"),
		api.Post("/faults", "fault", c.addFault).Code(http.StatusCreated).Policy("fault"),
		api.Put("/faults", "faults", c.replaceFaults).Policy("fault"),
		api.Delete("/faults", func(*api.Call) error { c.faults.Clear(); return nil }).Policy("fault"),
		api.Get("/faults/{id}", "fault", func(call *api.Call) (*ruleView, error) { return c.ruleView(call.Var("id")) }).Policy("fault"),
		api.Put("/faults/{id}", "fault", c.setFault).Policy("fault"),
		api.Delete("/faults/{id}", func(call *api.Call) error { return refused(c.faults.Remove(call.Var("id"))) }).Policy("fault"),
	}
}

// ruleView is a fault.Rule as JSON.
type ruleView struct {
	ID          string       `json:"id,omitempty"          len:"0-255"`
	Service     string       `json:"service,omitempty"`
	Method      string       `json:"method,omitempty"`
	Path        string       `json:"path,omitempty"`
	Operation   string       `json:"operation,omitempty"`
	Project     string       `json:"project,omitempty"`
	Skip        int          `json:"skip,omitempty"`
	Times       int          `json:"times,omitempty"`
	Probability float64      `json:"probability,omitempty"`
	Seed        int64        `json:"seed,omitempty"`
	Effects     []effectView `json:"effects"`
	// Matched and Struck are what has come of it; in a request they are read over.
	Matched int `json:"matched"`
	Struck  int `json:"struck"`
}

// effectView is a fault.Effect as JSON.
type effectView struct {
	Delay      duration `json:"delay,omitempty"`
	Status     int      `json:"status,omitempty"`
	Message    string   `json:"message,omitempty"`
	RetryAfter duration `json:"retry_after,omitempty"`
	Cut        bool     `json:"cut,omitempty"`
	After      bool     `json:"after,omitempty"`
}

// duration is a length of time as Go writes it: "1.5s".
type duration time.Duration

// Parse implements api.Parser.
func (d *duration) Parse(v any) error {
	text, ok := v.(string)
	if !ok {
		return api.WrongType(v, "string")
	}
	parsed, err := time.ParseDuration(text)
	*d = duration(parsed)
	if err != nil {
		return errors.New(api.Repr(v) + " is not a duration like 2s or 300ms")
	}
	return nil
}

// MarshalJSON implements json.Marshaler.
func (d duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

func (v *ruleView) rule() fault.Rule {
	r := fault.Rule{
		ID: v.ID, Service: v.Service, Method: v.Method, Path: v.Path, Operation: v.Operation, Project: v.Project,
		Skip: v.Skip, Times: v.Times, Probability: v.Probability, Seed: uint64(v.Seed),
	}
	for _, e := range v.Effects {
		r.Effects = append(r.Effects, fault.Effect{
			Delay: time.Duration(e.Delay), Status: e.Status, Message: e.Message, RetryAfter: time.Duration(e.RetryAfter),
			Cut: e.Cut, After: e.After,
		})
	}
	return r
}

func viewRule(s fault.State) ruleView {
	v := ruleView{
		ID: s.ID, Service: s.Service, Method: s.Method, Path: s.Path, Operation: s.Operation, Project: s.Project,
		Skip: s.Skip, Times: s.Times, Probability: s.Probability, Seed: int64(s.Seed),
		Matched: s.Matched, Struck: s.Struck,
	}
	for _, e := range s.Effects {
		v.Effects = append(v.Effects, effectView{
			Delay: duration(e.Delay), Status: e.Status, Message: e.Message, RetryAfter: duration(e.RetryAfter), Cut: e.Cut, After: e.After,
		})
	}
	return v
}

func (c *Cloud) ruleViews() []ruleView {
	views := []ruleView{}
	for _, state := range c.faults.List() {
		views = append(views, viewRule(state))
	}
	return views
}

func (c *Cloud) ruleView(id string) (*ruleView, error) {
	for _, view := range c.ruleViews() {
		if view.ID == id {
			return &view, nil
		}
	}
	return nil, refused(fault.ErrUnknown)
}

func (c *Cloud) addFault(_ *api.Call, in *ruleView) (*ruleView, error) {
	id, err := c.faults.Add(in.rule())
	if err != nil {
		return nil, refused(err)
	}
	return c.ruleView(id)
}

func (c *Cloud) setFault(call *api.Call, in *ruleView) (*ruleView, error) {
	rule := in.rule()
	if rule.ID = call.Var("id"); in.ID != "" && in.ID != rule.ID {
		return nil, api.BadRequest("id: %s is not the rule's.", api.Repr(in.ID))
	}
	if err := c.faults.Set(rule); err != nil {
		return nil, refused(err)
	}
	return c.ruleView(rule.ID)
}

func (c *Cloud) replaceFaults(_ *api.Call, in *[]ruleView) ([]ruleView, error) {
	var rules []fault.Rule
	for i := range *in {
		rules = append(rules, (*in)[i].rule())
	}
	if err := c.faults.Replace(rules); err != nil {
		return nil, refused(err)
	}
	return c.ruleViews(), nil
}

// refused is an error of package fault as an answer.
func refused(err error) error {
	var invalid *fault.Invalid
	switch {
	case errors.As(err, &invalid):
		return api.BadRequest("%s.", err)
	case errors.Is(err, fault.ErrTaken):
		return api.Conflict("%s.", err)
	case errors.Is(err, fault.ErrUnknown):
		return api.NotFound("%s.", err)
	}
	return err
}
