// SPDX-License-Identifier: MPL-2.0

package glance

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// The media types of patches: 2.1 is RFC 6902, 2.0 an early draft of it ({"replace": "/name", …}).
const (
	patchType   = "application/openstack-images-v2.1-json-patch"
	patchType20 = "application/openstack-images-v2.0-json-patch"
)

// edit is one operation of a patch on one attribute.
type edit struct {
	verb, name string // "add", "replace", "remove"
	value      any
}

// patchImage serves PATCH: Raw, because only the media type says how the body is to be read.
func (s *Service) patchImage(c *api.Call, w http.ResponseWriter) error {
	edits, err := readPatch(c.Request)
	if err != nil {
		return err
	}
	var view object
	err = s.change(c.Context(), c.Identity, func(o *op) error {
		i, err := o.own("modify_image", c.Var("id"))
		if err != nil {
			return err
		}
		in, err := i.edit(edits)
		if err != nil {
			return err
		}
		given, err := api.Decode[fields](c, in)
		if err != nil {
			return err
		}
		if err := o.apply(i, given); err != nil {
			return err
		}
		if err := o.put(i); err != nil {
			return err
		}
		view = i.view()
		return nil
	})
	if err != nil {
		return err
	}
	body, err := json.Marshal(view)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, err = w.Write(body)
	return err
}

func readPatch(r *http.Request) ([]edit, error) {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	kind = strings.TrimSpace(kind)
	if kind != patchType && kind != patchType20 {
		return nil, api.NewFault(http.StatusUnsupportedMediaType, "Content-Type must be %s", patchType).
			With("Accept-Patch", patchType+","+patchType20)
	}
	decoder := json.NewDecoder(r.Body) // which ends at the service's limit
	decoder.UseNumber()
	var changes []map[string]any
	err := decoder.Decode(&changes)
	if errors.As(err, new(*http.MaxBytesError)) {
		return nil, api.NewFault(http.StatusRequestEntityTooLarge, "Request is too large.")
	}
	if err != nil {
		return nil, api.BadRequest("Request body must be a JSON array of operation objects.")
	}
	var edits []edit
	for _, change := range changes {
		if kind == patchType20 {
			for _, verb := range []string{"add", "replace", "remove"} {
				if path, ok := change[verb]; ok {
					change["op"], change["path"] = verb, path
				}
			}
		}
		e, err := readEdit(change)
		if err != nil {
			return nil, err
		}
		edits = append(edits, e)
	}
	return edits, nil
}

func readEdit(change map[string]any) (edit, error) {
	verb, _ := change["op"].(string)
	path, isText := change["path"].(string)
	value, hasValue := change["value"]
	switch {
	case verb != "add" && verb != "replace" && verb != "remove":
		return edit{}, api.BadRequest("Operations must be one of 'add', 'replace' or 'remove', not %q.", verb)
	case !isText || !strings.HasPrefix(path, "/"):
		return edit{}, api.BadRequest("Pointer `%s` does not start with \"/\".", path)
	case strings.Contains(path[1:], "/"):
		return edit{}, api.BadRequest("Pointer `%s` does not name an attribute of an image.", path)
	case verb != "remove" && !hasValue:
		return edit{}, api.BadRequest("Operation \"%s\" requires a member named \"value\".", verb)
	}
	name := strings.NewReplacer("~1", "/", "~0", "~").Replace(path[1:])
	if err := checkProperty(name); err != nil {
		return edit{}, err
	}
	return edit{verb, name, value}, nil
}

// edit applies what edits say of the image's own properties to it, and returns what they set as the body
// of a request would.
func (i *Image) edit(edits []edit) (map[string]any, error) {
	i.Properties = maps.Clone(i.Properties)
	given := map[string]any{}
	for _, e := range edits {
		base := slices.Contains(baseAttributes, e.name)
		_, has := i.Properties[e.name]
		_, sets := given[e.name]
		switch {
		case e.verb == "remove" && base:
			return nil, api.Forbidden("Property %s may not be removed.", e.name)
		case e.verb != "add" && !base && !has && !sets:
			return nil, api.Conflict("Property %s does not exist.", e.name)
		case e.verb == "remove":
			delete(i.Properties, e.name)
			delete(given, e.name)
		default:
			given[e.name] = e.value
		}
	}
	return given, nil
}
