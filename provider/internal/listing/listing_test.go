// SPDX-License-Identifier: MPL-2.0

package listing_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/listing"
)

func request(limit int64) list.ListRequest {
	return list.ListRequest{
		Limit:                  limit,
		ResourceSchema:         schema.Schema{Attributes: map[string]schema.Attribute{"id": schema.StringAttribute{Computed: true}}},
		ResourceIdentitySchema: identityschema.Schema{Attributes: map[string]identityschema.Attribute{"id": identityschema.StringAttribute{}}},
	}
}

// counted yields names, then the error unless nil, and counts what was taken of them.
func counted(names []string, err error, taken *int) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, name := range names {
			*taken++
			if !yield(name, nil) {
				return
			}
		}
		if err != nil {
			yield("", err)
		}
	}
}

func fill(ctx context.Context, name string, result *list.ListResult) {
	result.DisplayName = name
	result.Diagnostics.Append(result.Identity.SetAttribute(ctx, path.Root("id"), name)...)
}

// TestResultsAreLazy: neither the limit nor who has seen enough has more listed.
func TestResultsAreLazy(t *testing.T) {
	t.Parallel()
	long := func(name string) bool { return len(name) > 1 }
	for name, test := range map[string]struct {
		limit       int64
		stop, taken int
		err         error
		want        []string
		fails       bool
	}{
		"all":                    {0, 0, 5, nil, []string{"aa", "bb", "cc"}, false},
		"up to the limit":        {2, 0, 3, nil, []string{"aa", "bb"}, false},
		"until one has enough":   {0, 1, 1, nil, []string{"aa"}, false},
		"up to a failure":        {0, 0, 5, errors.New("the page is torn"), []string{"aa", "bb", "cc"}, true},
		"to before that failure": {3, 0, 5, errors.New("the page is torn"), []string{"aa", "bb", "cc"}, false},
	} {
		var taken int
		var got []string
		var failure string
		all := listing.Filter(counted([]string{"aa", "x", "bb", "y", "cc"}, test.err, &taken), long)
		for result := range listing.Results(t.Context(), request(test.limit), "Things", all, fill) {
			if result.Diagnostics.HasError() {
				failure = result.Diagnostics.Errors()[0].Summary() + ": " + result.Diagnostics.Errors()[0].Detail()
				continue
			}
			got = append(got, result.DisplayName)
			if test.stop > 0 && len(got) == test.stop {
				break
			}
		}
		if !slices.Equal(got, test.want) || taken != test.taken || test.fails != (failure == "Unable to List Things: The page is torn.") {
			t.Errorf("%s: %v of %d, %q", name, got, taken, failure)
		}
	}
}

func TestBlank(t *testing.T) {
	t.Parallel()
	result := request(0).NewListResult(t.Context())
	var m struct {
		ID types.String `tfsdk:"id"`
	}
	listing.Blank(t.Context(), &result, path.Root("id"), types.StringValue("a"), &m)
	if result.Diagnostics.HasError() || m.ID.ValueString() != "a" {
		t.Errorf("%v, %v", m, result.Diagnostics)
	}
}

func TestMatcher(t *testing.T) {
	t.Parallel()
	names := []string{"web-1", "db"}
	for pattern, want := range map[string]string{"": "web-1 db", "^w": "web-1", "(?i)B$": "db", "-": "web-1", "(": ""} {
		given := types.StringValue(pattern)
		if pattern == "" {
			given = types.StringNull()
		}
		matches := listing.Matcher(given)
		got := strings.Join(slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !matches(name) }), " ")
		if got != want {
			t.Errorf("%q matches %q, not %q", pattern, got, want)
		}
	}
}
