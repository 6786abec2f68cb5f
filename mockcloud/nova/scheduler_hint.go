// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// schedulerHints are hints to the scheduler: those that Nova's schema knows, and any others.
type schedulerHints struct {
	Group         serverIDs      `json:"group"`
	DifferentHost serverIDs      `json:"different_host"`
	SameHost      oneOrMany      `json:"same_host"`
	DifferentCell oneOrMany      `json:"different_cell"`
	TargetCell    name           `json:"target_cell"        len:"1-255"`
	NearHostIP    string         `json:"build_near_host_ip" format:"ip"`
	CIDR          string         `json:"cidr"               pattern:"^/[0-9a-f.:]+$"`
	Query         hintQuery      `json:"query"`
	Others        map[string]any `json:"*"`
}

// all are the hints as the scheduler takes them, each a list.
func (h *schedulerHints) all() (map[string][]string, error) {
	all := map[string][]string{}
	for key, values := range map[string][]string{
		"group": h.Group, "different_host": h.DifferentHost, "same_host": h.SameHost, "different_cell": h.DifferentCell,
	} {
		if values != nil {
			all[key] = values
		}
	}
	for key, value := range map[string]string{
		"target_cell": string(h.TargetCell), "build_near_host_ip": h.NearHostIP, "cidr": h.CIDR, "query": string(h.Query),
	} {
		if value != "" {
			all[key] = []string{value}
		}
	}
	for key, value := range h.Others {
		values, many := value.([]any)
		if !many {
			values = []any{value}
		}
		all[key] = []string{}
		for _, one := range values {
			text, err := hintText(one)
			if err != nil {
				return nil, err
			}
			all[key] = append(all[key], text)
		}
	}
	return all, nil
}

// hintText keeps what is no text as JSON.
func hintText(value any) (string, error) {
	if text, ok := value.(string); ok {
		return text, nil
	}
	raw, err := json.Marshal(value)
	return string(raw), err
}

// hintQuery is the query of JsonFilter: text, or an object.
type hintQuery string

// Parse implements api.Parser.
func (q *hintQuery) Parse(v any) error {
	switch v.(type) {
	case string, map[string]any:
		text, err := hintText(v)
		*q = hintQuery(text)
		return err
	default:
		return api.WrongType(v, "string", "object")
	}
}

// oneOrMany is a string, or a list of UUIDs or names.
type oneOrMany []string

// Parse implements api.Parser.
func (l *oneOrMany) Parse(v any) error {
	*l = oneOrMany{}
	switch v := v.(type) {
	case string:
		*l = append(*l, v)
	case []any:
		for _, item := range v {
			text, ok := item.(string)
			if !ok {
				return api.WrongType(item, "string")
			}
			*l = append(*l, text)
		}
	default:
		return api.WrongType(v, "string", "array")
	}
	return nil
}

// serverIDs is a UUID, or a list of them.
type serverIDs oneOrMany

// Parse implements api.Parser.
func (l *serverIDs) Parse(v any) error {
	err := (*oneOrMany)(l).Parse(v)
	if err != nil || slices.ContainsFunc(*l, func(id string) bool { return !isUUID(id) }) {
		return errors.New(api.Repr(v) + " is not valid under any of the given schemas")
	}
	return nil
}
