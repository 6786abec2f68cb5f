// SPDX-License-Identifier: MPL-2.0

package placement

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// wanted is what is wanted of one provider.
type wanted struct {
	resources map[string]int
	required  [][]string // of each, one trait
	forbidden []string
	memberOf  [][]string // of each, one aggregate
	notIn     []string
	inTree    string
}

// wanted reads the query parameters of that name.
func (s *Service) wanted(c *api.Call, resources string, required, memberOf []string, inTree string) (*wanted, error) {
	w := &wanted{resources: map[string]int{}, inTree: inTree}
	if resources != "" {
		if err := s.readResources(c, w, resources); err != nil {
			return nil, err
		}
	}
	known, err := s.traits(c.Context())
	if err != nil {
		return nil, err
	}
	for _, spec := range required {
		if err := w.readTraits(c, spec, known); err != nil {
			return nil, err
		}
	}
	for _, spec := range memberOf {
		if err := w.readMembership(c, spec); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func (s *Service) readResources(c *api.Call, w *wanted, spec string) error {
	for item := range strings.SplitSeq(spec, ",") {
		class, text, formed := strings.Cut(item, ":")
		amount, err := strconv.Atoi(text)
		if !formed || err != nil || amount < 1 {
			return api.BadRequest("Badly formed resources parameter. Expected resources query string parameter in form: "+
				"?resources=VCPU:2,MEMORY_MB:1024. Got: %s.", spec).Named(badQueryValue)
		}
		known, err := s.knowsClass(c.Context(), class)
		if err != nil {
			return err
		}
		if !known {
			return api.BadRequest("Invalid resource class in resources parameter: No such resource class %s.", class)
		}
		w.resources[class] += amount
	}
	return nil
}

// readTraits reads "A,!B", since 1.39 also "in:A,B".
func (w *wanted) readTraits(c *api.Call, spec string, known []string) error {
	list, anyOf := strings.CutPrefix(spec, "in:")
	if anyOf && !c.Since(requiresAnyOf) {
		return api.BadRequest("The format 'in:' is only supported since microversion 1.39.").Named(badQueryValue)
	}
	var group, unknown []string
	for name := range strings.SplitSeq(list, ",") {
		trait, not := strings.CutPrefix(name, "!")
		switch {
		case trait == "" || not && (!c.Since(forbidsTraits) || anyOf):
			return api.BadRequest("Invalid query string parameters: Expected 'required' parameter value of the form: "+
				"HW_CPU_X86_VMX,CUSTOM_MAGIC. Got: %s", spec).Named(badQueryValue)
		case !slices.Contains(known, trait):
			unknown = append(unknown, trait)
		case not:
			w.forbidden = append(w.forbidden, trait)
		case anyOf:
			group = append(group, trait)
		default:
			w.required = append(w.required, []string{trait})
		}
	}
	if unknown != nil {
		return api.BadRequest("No such trait(s): %s.", strings.Join(unknown, ", "))
	}
	if anyOf {
		w.required = append(w.required, group)
	}
	return nil
}

// readMembership reads an aggregate, or "in:" a list of them; since 1.32 either may be negated.
func (w *wanted) readMembership(c *api.Call, spec string) error {
	list, not := strings.CutPrefix(spec, "!")
	list, _ = strings.CutPrefix(list, "in:")
	ids := strings.Split(list, ",")
	for _, id := range ids {
		if uuid.Validate(id) != nil || not && !c.Since(negatesMemberships) {
			return api.BadRequest("Expected 'member_of' parameter to contain valid UUID(s). Got: %s", spec).Named(badQueryValue)
		}
	}
	if not {
		w.notIn = append(w.notIn, ids...)
	} else {
		w.memberOf = append(w.memberOf, ids)
	}
	return nil
}

// fits tells that the provider, one of the list, has what is wanted.
func (w *wanted) fits(list []*Provider, p *Provider) bool {
	if w.inTree != "" {
		root := w.inTree
		if top, err := among(list, w.inTree); err == nil {
			root = rootOf(list, top)
		}
		if rootOf(list, p) != root {
			return false
		}
	}
	hasOne := func(of []string) func([]string) bool {
		return func(group []string) bool {
			return slices.ContainsFunc(group, func(one string) bool { return slices.Contains(of, one) })
		}
	}
	return every(w.required, hasOne(p.Traits)) && !hasOne(p.Traits)(w.forbidden) &&
		every(w.memberOf, hasOne(p.Aggregates)) && !hasOne(p.Aggregates)(w.notIn) && p.has(w.resources)
}

func every(groups [][]string, holds func([]string) bool) bool {
	return !slices.ContainsFunc(groups, func(group []string) bool { return !holds(group) })
}

// has tells that so much is left of the provider.
func (p *Provider) has(resources map[string]int) bool {
	for class, amount := range resources {
		i, there := p.Inventories[class]
		if !there || !i.unit(amount) || p.Used[class]+amount > i.capacity() {
			return false
		}
	}
	return true
}
