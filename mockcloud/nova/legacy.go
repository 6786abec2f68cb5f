// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// imageRef is an image's id. API v2 took its URL, too, and looked at nothing but the end.
type imageRef string

// Parse implements api.Parser.
func (r *imageRef) Parse(v any) error {
	text, isText := v.(string)
	if !isText {
		return api.WrongType(v, "string")
	}
	*r = imageRef(text)
	return nil
}

// ParseLoosely implements api.LooseParser.
func (r *imageRef) ParseLoosely(v any) error {
	if text, isText := v.(string); isText {
		v = text[strings.LastIndexByte(text, '/')+1:]
	}
	return r.Parse(v)
}

var _ api.LooseParser = (*imageRef)(nil)
