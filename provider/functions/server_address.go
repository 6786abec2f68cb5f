// SPDX-License-Identifier: MPL-2.0

package functions

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type serverAddress struct{}

func newServerAddress() function.Function { return serverAddress{} }

func (serverAddress) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "server_address"
}

func (serverAddress) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The address of a server in a network.",
		MarkdownDescription: "The address that a server has in a network. Of several it is the first fixed one of IPv4, then the first fixed one " +
			"of IPv6, then a floating one, unless kinds are asked for. That there is none is an error; `try` takes another value then.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name: "server", AllowUnknownValues: true,
				MarkdownDescription: "A resource or data source `nova_server`, or any object that has the `addresses` of one.",
			},
			function.StringParameter{
				Name: "network", AllowNullValue: true, MarkdownDescription: "The name of the network; `\"\"` or null for any. OpenTofu 1.12 cannot pass null.",
			},
		},
		VariadicParameter: function.StringParameter{
			Name:                "kinds",
			MarkdownDescription: "What the address has to be, all of it: `ipv4` or `ipv6`, `fixed` or `floating`.",
		},
		Return: function.StringReturn{},
	}
}

func (serverAddress) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var server types.Dynamic
	var network types.String
	var wanted []string
	if resp.Error = req.Arguments.Get(ctx, &server, &network, &wanted); resp.Error != nil {
		return
	}
	for i, kind := range wanted {
		if !slices.Contains(kinds, kind) {
			resp.Error = wrong(int64(2+i), fmt.Errorf("%q is no kind of address: those are %s", kind, strings.Join(kinds, ", ")))
			return
		}
	}
	all, err := addressesOf(server)
	if unknown(err) {
		resp.Error = resp.Result.Set(ctx, types.StringUnknown())
		return
	}
	if err != nil {
		resp.Error = wrong(0, err)
		return
	}
	found := choose(all, network.ValueString(), wanted, "fixed", "ipv4")
	if found == "" {
		resp.Error = missing(all, network.ValueString(), wanted)
		return
	}
	resp.Error = resp.Result.Set(ctx, found)
}

// missing says what the server has instead of the address that was asked for.
func missing(all []address, network string, wanted []string) *function.FuncError {
	if len(all) == 0 {
		return function.NewArgumentFuncError(0, "the server has no addresses")
	}
	if names := networks(all); network != "" && !slices.Contains(names, network) {
		return function.NewArgumentFuncError(1, fmt.Sprintf("the server has no address in network %q; it has some in: %s", network, strings.Join(names, ", ")))
	}
	return function.NewArgumentFuncError(2, fmt.Sprintf("none of the server's addresses there is %s", strings.Join(wanted, " and ")))
}
