// SPDX-License-Identifier: MPL-2.0

package functions

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type flavorFits struct{}

func newFlavorFits() function.Function { return flavorFits{} }

func (flavorFits) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "flavor_fits"
}

func (flavorFits) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Whether a flavor is large enough.",
		MarkdownDescription: "Whether a flavor has at least what is asked for: a check of an input before a server fails by it. A `disk` of 0 in " +
			"a flavor is as large as the image, which nobody knows here: it fits no minimum but 0.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name: "flavor", AllowUnknownValues: true,
				MarkdownDescription: "A resource or data source `nova_flavor`, the `flavor` of a server, or any object that has what `min` asks for.",
			},
			function.DynamicParameter{
				Name: "min",
				MarkdownDescription: "An object with any of `vcpus`, `ram` (MiB), `disk` (GiB), `ephemeral` (GiB) and `swap` (MiB), and `extra_specs`, " +
					"of which the flavor has to have each with the same value.",
			},
		},
		Return: function.BoolReturn{},
	}
}

func (flavorFits) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var flavor, least types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &flavor, &least); resp.Error != nil {
		return
	}
	fits, failure := compareFlavor(flavor, least)
	if failure != nil {
		resp.Error = failure
		return
	}
	resp.Error = resp.Result.Set(ctx, fits)
}

// sizes are what a flavor has a number of.
var sizes = []string{"vcpus", "ram", "disk", "ephemeral", "swap"}

const specs = "extra_specs"

// compareFlavor is whether the flavor has all of least: unknown if that is not known yet and nothing else lacks.
func compareFlavor(flavor, least attr.Value) (types.Bool, *function.FuncError) {
	wanted := members(least)
	if wanted == nil {
		return types.BoolNull(), wrong(1, fmt.Errorf("this has to be an object with any of %s and %s", strings.Join(sizes, ", "), specs))
	}
	if plain(flavor).IsUnknown() {
		return types.BoolUnknown(), nil
	}
	has := members(flavor)
	if has == nil {
		return types.BoolNull(), wrong(0, errors.New("this has to be a flavor: a resource or data source nova_flavor, or an object like one"))
	}
	result := types.BoolValue(true)
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		fits, failure := compareMember(name, has[name], wanted[name])
		if failure != nil {
			return types.BoolNull(), failure
		}
		if !fits.IsUnknown() && !fits.ValueBool() {
			result = fits
		} else if fits.IsUnknown() && result.ValueBool() {
			result = fits
		}
	}
	return result, nil
}

func compareMember(name string, has, wanted attr.Value) (types.Bool, *function.FuncError) {
	switch {
	case plain(wanted).IsNull():
		return types.BoolValue(true), nil
	case name == specs:
		return compareSpecs(has, wanted)
	case !slices.Contains(sizes, name):
		return types.BoolNull(), wrong(1, fmt.Errorf("%q is nothing that a flavor has a minimum of: those are %s and %s", name, strings.Join(sizes, ", "), specs))
	}
	least, err := number(wanted)
	if err != nil {
		return types.BoolNull(), wrong(1, fmt.Errorf("%s %w", name, err))
	}
	size, err := number(has)
	switch {
	case unknown(err):
		return types.BoolUnknown(), nil
	case err != nil:
		return types.BoolNull(), wrong(0, fmt.Errorf("%s %w", name, err))
	case size == nil:
		return types.BoolNull(), wrong(0, fmt.Errorf("the flavor has no %s to compare", name))
	}
	return types.BoolValue(size.Cmp(least) >= 0), nil
}

func compareSpecs(has, wanted attr.Value) (types.Bool, *function.FuncError) {
	demands := members(wanted)
	if demands == nil {
		return types.BoolNull(), wrong(1, fmt.Errorf("%s has to be a map", specs))
	}
	if has != nil && plain(has).IsUnknown() {
		return types.BoolUnknown(), nil
	}
	result := types.BoolValue(true)
	given := map[string]attr.Value{}
	if has != nil && !plain(has).IsNull() {
		given = members(has)
	}
	for key, demand := range demands {
		want, err := text(demand)
		if err != nil {
			return types.BoolNull(), wrong(1, fmt.Errorf("%s[%q] %w", specs, key, err))
		}
		got, err := text(given[key])
		switch {
		case unknown(err):
			result = types.BoolUnknown()
		case err != nil:
			return types.BoolNull(), wrong(0, fmt.Errorf("%s[%q] %w", specs, key, err))
		case got != want:
			return types.BoolValue(false), nil
		}
	}
	return result, nil
}
