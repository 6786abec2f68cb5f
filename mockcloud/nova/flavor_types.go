// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"cmp"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// FlavorCreate is the body of POST /flavors (flavor-manage).
type FlavorCreate struct {
	Name        name                 `json:"name"                       need:"2.1-" len:"1-255"`
	ID          api.Opt[flavorID]    `json:"id"                         null:"ok"`
	RAM         api.Natural          `json:"ram"                        need:"2.1-" range:"1-2147483647"`
	VCPUs       api.Natural          `json:"vcpus"                      need:"2.1-" range:"1-2147483647"`
	Disk        api.Natural          `json:"disk"                       need:"2.1-" range:"0-2147483647"`
	Ephemeral   api.Natural          `json:"OS-FLV-EXT-DATA:ephemeral"  range:"0-2147483647"`
	Swap        api.Natural          `json:"swap"                       range:"0-2147483647"`
	RXTXFactor  api.Opt[rxtxFactor]  `json:"rxtx_factor"                nova:"-2.101"`
	Public      api.Opt[api.Boolean] `json:"os-flavor-access:is_public"`
	Description api.Opt[string]      `json:"description"                nova:"2.55-" null:"ok" len:"0-65535" format:"printable"`
}

// FlavorUpdate is the body of PUT /flavors/{id}, since 2.55.
type FlavorUpdate struct {
	Description api.Opt[string] `json:"description" need:"2.55-" null:"ok" len:"0-65535" format:"printable"`
}

// Flavor is a flavor as Nova shows it.
type Flavor struct {
	ID          string      `json:"id"`
	Name        string      `json:"name"`
	RAM         int         `json:"ram"`
	Disk        int         `json:"disk"`
	OldSwap     any         `json:"swap"                       nova:"-2.74"`
	Swap        int         `json:"swap"                       nova:"2.75-"`
	Ephemeral   int         `json:"OS-FLV-EXT-DATA:ephemeral"`
	Disabled    bool        `json:"OS-FLV-DISABLED:disabled"   nova:"-2.101"`
	VCPUs       int         `json:"vcpus"`
	Public      bool        `json:"os-flavor-access:is_public"`
	RXTXFactor  float64     `json:"rxtx_factor"                nova:"-2.101"`
	Links       []api.Link  `json:"links"`
	Description *string     `json:"description"                nova:"2.55-"`
	ExtraSpecs  *extraSpecs `json:"extra_specs,omitempty"      nova:"2.61-"`
}

// extraSpecs are always an object, where they may be seen at all.
type extraSpecs map[string]string

// FlavorSummary is a flavor in GET /flavors.
type FlavorSummary struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Links       []api.Link `json:"links"`
	Description *string    `json:"description" nova:"2.55-"`
}

// flavorQuery are the filters of the flavor lists.
type flavorQuery struct {
	api.Paging
	Public  api.Opt[string] `json:"is_public"`
	MinDisk api.Opt[string] `json:"minDisk"`
	MinRAM  api.Opt[string] `json:"minRam"`
	Name    api.Opt[string] `json:"name"     nova:"2.102-"`
	SortDir string          `json:"sort_dir" oneof:"asc desc"`
	// With rxtx_factor itself, sorting by it ended.
	OldSortKey string `json:"sort_key" nova:"-2.101" oneof:"created_at description disabled ephemeral_gb flavorid id is_public memory_mb name root_gb rxtx_factor swap updated_at vcpu_weight vcpus"`
	SortKey    string `json:"sort_key" nova:"2.102-" oneof:"created_at description disabled ephemeral_gb flavorid id is_public memory_mb name root_gb swap updated_at vcpu_weight vcpus"`
}

// noQuery takes no parameters, where the route is not loose.
type noQuery struct{}

// flavorID is an id that the client chose: text or, for the sake of old clients, a number.
type flavorID string

var flavorIDs = regexp.MustCompile(`^[a-zA-Z0-9. _-]+$`)

// Parse implements api.Parser.
func (id *flavorID) Parse(v any) error {
	var text string
	switch v := v.(type) {
	case string:
		text = v
	case json.Number:
		text = v.String()
	default:
		return api.WrongType(v, "string", "number", "null")
	}
	switch {
	case text == "":
		return errors.New("'' is too short")
	case len(text) > 255:
		return errors.New("'" + text + "' is too long")
	case !flavorIDs.MatchString(text) || strings.TrimSpace(text) != text:
		return errors.New("'" + text + "' does not match '^(?! )[a-zA-Z0-9. _-]+(?<! )$'")
	}
	*id = flavorID(text)
	return nil
}

var decimal = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

// rxtxFactor is a positive number, or a string that spells one.
type rxtxFactor float64

// Parse implements api.Parser.
func (f *rxtxFactor) Parse(v any) error {
	const most = 3.40282e+38
	var text string
	switch v := v.(type) {
	case string:
		if text = v; !decimal.MatchString(text) {
			return errors.New(api.Repr(v) + ` does not match '^[0-9]+(\\.[0-9]+)?$'`)
		}
	case json.Number:
		text = v.String()
	default:
		return api.WrongType(v, "number", "string")
	}
	n, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil || n > most:
		return errors.New(text + " is greater than the maximum of 3.40282e+38")
	case n <= 0:
		return errors.New(text + " is less than or equal to the minimum of 0")
	}
	*f = rxtxFactor(n)
	return nil
}

// view is the flavor as this request may see it.
func (f *flavorRecord) view(c *api.Call) Flavor {
	view := Flavor{
		ID: f.ID, Name: f.Name, RAM: f.MemoryMiB, Disk: f.RootGiB, OldSwap: f.SwapMiB, Swap: f.SwapMiB,
		Ephemeral: f.EphemeralGiB, Disabled: f.Disabled, VCPUs: f.VCPUs, Public: f.Public, RXTXFactor: f.RXTXFactor,
		Links: c.Links(c.InProject("/flavors/" + f.ID)), Description: f.Description,
	}
	if f.SwapMiB == 0 {
		view.OldSwap = "" // what Nova answered for none, before 2.75
	}
	if c.Allowed(rule("os-flavor-extra-specs:index"), c.Own()) {
		view.ExtraSpecs = (*extraSpecs)(&f.ExtraSpecs)
	}
	return view
}

// filter is what the query keeps, for who asks.
func (q *flavorQuery) filter(id *api.Identity) (func(*flavorRecord) bool, error) {
	number := func(name string, text api.Opt[string]) (int, error) {
		if !text.Set {
			return 0, nil
		}
		n, err := strconv.Atoi(text.Value)
		if err != nil {
			return 0, api.BadRequest("Invalid %s filter [%s]", name, text.Value)
		}
		return n, nil
	}
	ram, err := number("minRam", q.MinRAM)
	if err != nil {
		return nil, err
	}
	disk, err := number("minDisk", q.MinDisk)
	if err != nil {
		return nil, err
	}
	public, all := true, false
	if id.Admin() && q.Public.Set {
		all = strings.EqualFold(q.Public.Value, "none")
		if public, err = strictTruth(q.Public.Value); err != nil && !all {
			return nil, api.BadRequest("Invalid is_public filter [%s]", q.Public.Value)
		}
	}
	return func(f *flavorRecord) bool {
		visible := all || f.Public == public || !id.Admin() && slices.Contains(f.Projects, id.ProjectID)
		return visible && (id.Admin() || !f.Disabled) && f.MemoryMiB >= ram && f.RootGiB >= disk &&
			(!q.Name.Set || f.Name == q.Name.Value)
	}, nil
}

// flavorSorts compare flavors by sort_key.
var flavorSorts = map[string]func(a, b *flavorRecord) int{
	"created_at":   func(a, b *flavorRecord) int { return a.CreatedAt.Compare(b.CreatedAt) },
	"updated_at":   func(a, b *flavorRecord) int { return a.Updated.Compare(b.Updated) },
	"description":  func(a, b *flavorRecord) int { return cmp.Compare(text(a.Description), text(b.Description)) },
	"disabled":     func(a, b *flavorRecord) int { return compareBool(a.Disabled, b.Disabled) },
	"is_public":    func(a, b *flavorRecord) int { return compareBool(a.Public, b.Public) },
	"ephemeral_gb": func(a, b *flavorRecord) int { return cmp.Compare(a.EphemeralGiB, b.EphemeralGiB) },
	"flavorid":     func(a, b *flavorRecord) int { return cmp.Compare(a.ID, b.ID) },
	"id":           func(a, b *flavorRecord) int { return cmp.Compare(a.Number, b.Number) },
	"memory_mb":    func(a, b *flavorRecord) int { return cmp.Compare(a.MemoryMiB, b.MemoryMiB) },
	"name":         func(a, b *flavorRecord) int { return cmp.Compare(a.Name, b.Name) },
	"root_gb":      func(a, b *flavorRecord) int { return cmp.Compare(a.RootGiB, b.RootGiB) },
	"rxtx_factor":  func(a, b *flavorRecord) int { return cmp.Compare(a.RXTXFactor, b.RXTXFactor) },
	"swap":         func(a, b *flavorRecord) int { return cmp.Compare(a.SwapMiB, b.SwapMiB) },
	"vcpu_weight":  func(_, _ *flavorRecord) int { return 0 }, // Nova keeps the key, and no weight
	"vcpus":        func(a, b *flavorRecord) int { return cmp.Compare(a.VCPUs, b.VCPUs) },
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}
