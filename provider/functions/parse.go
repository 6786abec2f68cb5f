// SPDX-License-Identifier: MPL-2.0

package functions

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

type parseID struct{}

func newParseID() function.Function { return parseID{} }

func (parseID) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "parse_id"
}

func (parseID) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The UUID in a text, as OpenStack spells it.",
		MarkdownDescription: "The UUID of a server, image, network ... as OpenStack spells it: in small letters, with hyphens. Anything that is " +
			"no UUID is an error, such as a name where an id is wanted; `can` makes a condition of it.",
		Parameters: []function.Parameter{function.StringParameter{
			Name: "text",
			MarkdownDescription: "A UUID in small or capital letters, with hyphens or without, or a URL that ends in one, as the links and references of " +
				"OpenStack's APIs do.",
		}},
		Return: function.StringReturn{},
	}
}

func (parseID) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var given string
	if resp.Error = req.Arguments.Get(ctx, &given); resp.Error != nil {
		return
	}
	last := given[strings.LastIndexByte(given, '/')+1:]
	id, err := uuid.Parse(last)
	if err != nil || len(last) != 36 && len(last) != 32 {
		resp.Error = wrong(0, fmt.Errorf("%q is no UUID, nor a URL that ends in one", given))
		return
	}
	resp.Error = resp.Result.Set(ctx, id.String())
}

type parseImportID struct{}

func newParseImportID() function.Function { return parseImportID{} }

func (parseImportID) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "parse_import_id"
}

func (parseImportID) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The parts of an id that a resource is imported by.",
		MarkdownDescription: "The parts of the id that a resource of the provider is imported by, by the names of the attributes that they become: " +
			"`SERVER/VOLUME` of a `nova_volume_attachment` are `server_id` and `volume_id`. Where a resource is imported by id or by name, the text is " +
			"the `id` if it has the form of one. A part that is left out is null.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "type", MarkdownDescription: "The type of the resource, `nova_volume_attachment` for example."},
			function.StringParameter{Name: "id", MarkdownDescription: "The id."},
		},
		Return: function.MapReturn{ElementType: types.StringType},
	}
}

// importID is how the import id of a resource is made: of one part, or of two with a separator between them. Of two, one
// may be left out, which lone tells. Where a text alone may also be a name, that is named, and it is one unless it has the
// form of an id.
type importID struct {
	parts       []string
	separator   string // "/" unless set
	lone, named string
	id          *regexp.Regexp // that of a UUID unless set
}

var numberRule = regexp.MustCompile(`^[0-9]+$`)

// importIDs are the forms of import ids, by resource. What nova_flavor takes may be an id or a name: flavors' ids have no
// form.
var importIDs = map[string]importID{
	"nova_aggregate":               {parts: []string{"id"}, named: "name", id: numberRule},
	"nova_aggregate_host":          {parts: []string{"aggregate_id", "host"}},
	"nova_flavor":                  {parts: []string{"id"}},
	"nova_flavor_access":           {parts: []string{"flavor_id", "project_id"}},
	"nova_floating_ip":             {parts: []string{"id"}, named: "address"},
	"nova_floating_ip_association": {parts: []string{"id"}, named: "address"},
	"nova_interface_attachment":    {parts: []string{"server_id", "port_id"}},
	"nova_keypair":                 {parts: []string{"user_id", "name"}, lone: "name"},
	"nova_quota_class_set":         {parts: []string{"class"}},
	"nova_quota_set":               {parts: []string{"project_id", "user_id"}, lone: "project_id"},
	"nova_security_group":          {parts: []string{"id"}, named: "name"},
	"nova_security_group_rule":     {parts: []string{"id"}},
	"nova_server":                  {parts: []string{"id"}, named: "name"},
	"nova_server_group":            {parts: []string{"id"}, named: "name"},
	"nova_server_image":            {parts: []string{"id"}},
	"nova_server_metadata":         {parts: []string{"server_id", "key"}, lone: "server_id"},
	"nova_server_tag":              {parts: []string{"server_id", "tag"}},
	"nova_service":                 {parts: []string{"host", "binary"}, separator: ":", lone: "id", named: "host"},
	"nova_volume_attachment":       {parts: []string{"server_id", "volume_id"}},
}

func (parseImportID) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var kind, id string
	if resp.Error = req.Arguments.Get(ctx, &kind, &id); resp.Error != nil {
		return
	}
	form, ok := importIDs[kind]
	if !ok {
		resp.Error = wrong(0, fmt.Errorf("%q is no resource of this provider: those are %s",
			kind, strings.Join(slices.Sorted(maps.Keys(importIDs)), ", ")))
		return
	}
	parts, err := form.parse(id)
	if err != nil {
		resp.Error = wrong(1, fmt.Errorf("%w of %s", err, kind))
		return
	}
	all := map[string]types.String{}
	for _, name := range form.names() {
		all[name] = types.StringNull()
		if part, ok := parts[name]; ok {
			all[name] = types.StringValue(part)
		}
	}
	resp.Error = resp.Result.Set(ctx, all)
}

// names are the attributes that the parts may become.
func (f importID) names() []string {
	names := slices.Clone(f.parts)
	for _, name := range []string{f.lone, f.named} {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func (f importID) parse(id string) (map[string]string, error) {
	malformed := fmt.Errorf("%q is no import id, %s,", id, f)
	if id == "" {
		return nil, malformed
	}
	first, second, split := strings.Cut(id, f.between())
	switch {
	case len(f.parts) == 1, !split && f.lone != "":
		return map[string]string{f.alone(id): id}, nil
	case !split || first == "" || second == "":
		return nil, malformed
	}
	return map[string]string{f.parts[0]: first, f.parts[1]: second}, nil
}

// alone is what a text without a separator is.
func (f importID) alone(text string) string {
	form := f.id
	if form == nil {
		form = nova.UUIDRule
	}
	if f.named != "" && !form.MatchString(text) {
		return f.named
	}
	return cmp.Or(f.lone, f.parts[0])
}

func (f importID) between() string { return cmp.Or(f.separator, "/") }

// String is the form for people: FLAVOR_ID/PROJECT_ID.
func (f importID) String() string {
	var forms []string
	for _, form := range []string{f.lone, f.named, strings.Join(f.parts, f.between())} {
		if form != "" {
			forms = append(forms, strings.ToUpper(form))
		}
	}
	return strings.Join(forms, " or ")
}

type parseAvailabilityZone struct{}

func newParseAvailabilityZone() function.Function { return parseAvailabilityZone{} }

func (parseAvailabilityZone) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "parse_availability_zone"
}

func (parseAvailabilityZone) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The parts of an availability zone that names a host.",
		MarkdownDescription: "The parts of an `availability_zone` as administrators may give it for a server: `zone`, `zone:host`, " +
			"`zone:host:node` or `zone::node`. What is left out is null.",
		Parameters: []function.Parameter{function.StringParameter{Name: "availability_zone", MarkdownDescription: "The availability zone."}},
		Return:     function.ObjectReturn{AttributeTypes: zoneTypes()},
	}
}

func zoneTypes() map[string]attr.Type {
	return map[string]attr.Type{"zone": types.StringType, "host": types.StringType, "node": types.StringType}
}

func (parseAvailabilityZone) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var given string
	if resp.Error = req.Arguments.Get(ctx, &given); resp.Error != nil {
		return
	}
	zone, err := parseZone(given)
	if err != nil {
		resp.Error = wrong(0, err)
		return
	}
	resp.Error = resp.Result.Set(ctx, zone)
}

func parseZone(given string) (types.Object, error) {
	parts := strings.Split(given, ":")
	if len(parts) > 3 {
		return types.ObjectNull(zoneTypes()), errors.New("an availability zone has at most three parts, zone:host:node")
	}
	if parts[0] == "" {
		return types.ObjectNull(zoneTypes()), errors.New("an availability zone begins with the name of the zone")
	}
	all := map[string]attr.Value{"zone": types.StringNull(), "host": types.StringNull(), "node": types.StringNull()}
	for i, name := range []string{"zone", "host", "node"} {
		if i < len(parts) && parts[i] != "" {
			all[name] = types.StringValue(parts[i])
		}
	}
	return types.ObjectValueMust(zoneTypes(), all), nil
}
