// SPDX-License-Identifier: MPL-2.0

package functions

import (
	"context"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// run calls a function, as the framework does, with a result of the type of blank.
func run(t *testing.T, f function.Function, blank attr.Value, arguments ...attr.Value) (attr.Value, *function.FuncError) {
	t.Helper()
	resp := &function.RunResponse{Result: function.NewResultData(blank)}
	f.Run(t.Context(), function.RunRequest{Arguments: function.NewArgumentsData(arguments)}, resp)
	return resp.Result.Value(), resp.Error
}

// value makes attribute values as Terraform makes them of a configuration's: maps are objects, slices are tuples, all
// numbers are of one type.
func value(v any) attr.Value {
	switch v := v.(type) {
	case attr.Value:
		return v
	case string:
		return types.StringValue(v)
	case int:
		return types.NumberValue(big.NewFloat(float64(v)))
	case map[string]any:
		kinds, all := map[string]attr.Type{}, map[string]attr.Value{}
		for name, member := range v {
			all[name] = value(member)
			kinds[name] = all[name].Type(context.Background())
		}
		return types.ObjectValueMust(kinds, all)
	case []any:
		var kinds []attr.Type
		var all []attr.Value
		for _, element := range v {
			all = append(all, value(element))
			kinds = append(kinds, all[len(all)-1].Type(nil)) //nolint:staticcheck // as above
		}
		return types.TupleValueMust(kinds, all)
	}
	return types.DynamicNull()
}

func dynamic(v any) attr.Value { return types.DynamicValue(value(v)) }

func variadic(all ...attr.Value) attr.Value {
	var kinds []attr.Type
	for _, v := range all {
		kinds = append(kinds, v.Type(nil)) //nolint:staticcheck // as above
	}
	return types.TupleValueMust(kinds, all)
}

type object = map[string]any

func row(network, address, kind string) any {
	return object{"network": network, "address": address, "type": kind, "version": 4, "mac": "fa:16:3e:00:00:01"}
}

func web() object {
	return object{
		"id": "0000-1", "name": "web", "access_ip_v4": types.StringNull(), "access_ip_v6": types.StringNull(),
		"addresses": []any{
			row("private", "2001:db8::5", "fixed"), row("private", "192.0.2.5", "fixed"), row("private", "203.0.113.7", "floating"),
			row("storage", "198.51.100.5", "fixed"),
		},
	}
}

func with(o object, more object) object {
	for name, v := range more {
		o[name] = v
	}
	return o
}

func TestServerAddress(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		server  any
		network attr.Value
		kinds   []string
		want    attr.Value
		says    string
		at      int64
	}{
		{"fixed before floating, IPv4 before IPv6", web(), types.StringValue("private"), nil, types.StringValue("192.0.2.5"), "", 0},
		{"floating", web(), types.StringValue("private"), []string{"floating"}, types.StringValue("203.0.113.7"), "", 0},
		{"fixed IPv6", web(), types.StringValue("private"), []string{"ipv6", "fixed"}, types.StringValue("2001:db8::5"), "", 0},
		{"any network", web(), types.StringNull(), []string{"ipv6"}, types.StringValue("2001:db8::5"), "", 0},
		{"no such network", web(), types.StringValue("public"), nil, nil, "it has some in: private, storage", 1},
		{"none of the kind", web(), types.StringValue("storage"), []string{"floating"}, nil, "none of the server's addresses there is floating", 2},
		{"no such kind", web(), types.StringNull(), []string{"ipv4", "public"}, nil, `"public" is no kind`, 3},
		{"no server", "web", types.StringNull(), nil, nil, "has to be a server", 0},
		{"no addresses", with(web(), object{"addresses": []any{}}), types.StringNull(), nil, nil, "has no addresses", 0},
		{"addresses of another kind", with(web(), object{"addresses": "192.0.2.5"}), types.StringNull(), nil, nil, "are a list", 0},
		{"not known yet", with(web(), object{"addresses": types.DynamicUnknown()}), types.StringNull(), nil, types.StringUnknown(), "", 0},
		{"something else not known yet", with(web(), object{"updated": types.StringUnknown()}), types.StringNull(), nil, types.StringValue("192.0.2.5"), "", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var kinds []attr.Value
			for _, kind := range test.kinds {
				kinds = append(kinds, types.StringValue(kind))
			}
			got, err := run(t, serverAddress{}, types.StringUnknown(), dynamic(test.server), test.network, variadic(kinds...))
			check(t, got, err, test.want, test.says, test.at)
		})
	}
}

func check(t *testing.T, got attr.Value, err *function.FuncError, want attr.Value, says string, at int64) {
	t.Helper()
	switch {
	case says == "" && err != nil:
		t.Errorf("failed: %v", err)
	case says == "" && !got.Equal(want):
		t.Errorf("got %v, not %v", got, want)
	case says != "" && (err == nil || !strings.Contains(err.Text, says) || err.FunctionArgument == nil || *err.FunctionArgument != at):
		t.Errorf("the error %+v does not say %q of argument %d", err, says, at)
	}
}

func TestFlavorFits(t *testing.T) {
	t.Parallel()
	flavor := func(more object) any {
		return with(object{"vcpus": types.Int64Value(2), "ram": 2048, "disk": 20, "extra_specs": object{"hw:cpu_policy": "dedicated"}}, more)
	}
	yes, no := types.BoolValue(true), types.BoolValue(false)
	for _, test := range []struct {
		name          string
		flavor, least any
		want          attr.Value
		says          string
		at            int64
	}{
		{"enough", flavor(nil), object{"vcpus": 2, "ram": 2000, "disk": 20}, yes, "", 0},
		{"nothing wanted", flavor(nil), object{}, yes, "", 0},
		{"null is nothing", flavor(nil), object{"ram": types.NumberNull(), "swap": types.DynamicNull()}, yes, "", 0},
		{"too little memory", flavor(nil), object{"vcpus": 1, "ram": 2049}, no, "", 0},
		{"the spec", flavor(nil), object{"extra_specs": object{"hw:cpu_policy": "dedicated"}}, yes, "", 0},
		{"another spec", flavor(nil), object{"extra_specs": object{"hw:cpu_policy": "shared"}}, no, "", 0},
		{"no specs", flavor(object{"extra_specs": types.MapNull(types.StringType)}), object{"extra_specs": object{"a": "b"}}, no, "", 0},
		{"not known yet", flavor(object{"ram": types.Int64Unknown()}), object{"vcpus": 1, "ram": 1}, types.BoolUnknown(), "", 0},
		{"too small whatever is not known yet", flavor(object{"ram": types.Int64Unknown()}), object{"ram": 1, "vcpus": 3}, no, "", 0},
		{"a slip", flavor(nil), object{"cpus": 2}, nil, `"cpus" is nothing that a flavor`, 1},
		{"no number", flavor(nil), object{"ram": []any{}}, nil, "ram has to be a number", 1},
		{"no object", flavor(nil), 2, nil, "has to be an object", 1},
		{"no flavor", "m1.small", object{"ram": 1}, nil, "has to be a flavor", 0},
		{"lacking", object{"ram": 1}, object{"vcpus": 1}, nil, "has no vcpus", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := run(t, flavorFits{}, types.BoolUnknown(), dynamic(test.flavor), dynamic(test.least))
			check(t, got, err, test.want, test.says, test.at)
		})
	}
}

func TestSSHConfig(t *testing.T) {
	t.Parallel()
	servers := []any{
		web(),
		with(web(), object{"id": "0000-2", "name": "db 1", "access_ip_v6": "2001:db8::9"}),
		with(web(), object{"id": "0000-3", "name": "twin"}), with(web(), object{"id": "0000-4", "name": "twin"}),
		with(web(), object{"id": "0000-5", "name": "*"}),
		with(web(), object{"id": "0000-6", "name": "bare", "addresses": []any{}}),
	}
	options := object{"user": object{"web": "cirros"}, "identity_file": "~/my keys/id", "port": 2222}
	got, err := run(t, sshConfig{}, types.StringUnknown(), dynamic(servers), variadic(dynamic(options)))
	if err != nil {
		t.Fatal(err)
	}
	const common = "  Port 2222\n  IdentityFile \"~/my keys/id\"\n"
	want := "Host 0000-5\n  HostName 203.0.113.7\n" + common +
		"\n# \"bare\" (0000-6) has no address\n" +
		"\nHost 0000-2\n  HostName 2001:db8::9\n" + common +
		"\nHost 0000-3\n  HostName 203.0.113.7\n" + common + "\nHost 0000-4\n  HostName 203.0.113.7\n" + common +
		"\nHost web 0000-1\n  HostName 203.0.113.7\n  User cirros\n" + common
	if text, _ := got.(types.String); text.ValueString() != want {
		t.Fatalf("got\n%s\nnot\n%s", text.ValueString(), want)
	}
	ssh, missing := exec.LookPath("ssh")
	if missing != nil {
		t.Skip("there is no ssh to read it")
	}
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte(want), 0o600); err != nil {
		t.Fatal(err)
	}
	for host, lines := range map[string][]string{
		"web": {"hostname 203.0.113.7", "user cirros", "port 2222"}, "0000-2": {"hostname 2001:db8::9"}, "web.example": {"hostname web.example"},
		"twin": {"hostname twin"}, "elsewhere": {"hostname elsewhere", "port 22"},
	} {
		out, err := exec.CommandContext(t.Context(), ssh, "-G", "-F", file, host).Output()
		if err != nil {
			t.Error(host, err)
		}
		for _, line := range lines {
			if !slices.Contains(strings.Split(string(out), "\n"), line) {
				t.Errorf("ssh reads no %q for %q: %s", line, host, out)
			}
		}
	}
}

func TestSSHConfigRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		servers any
		options []attr.Value
		want    attr.Value
		says    string
		at      int64
	}{
		{"one server", with(web(), object{"addresses": []any{row("a", "192.0.2.9", "fixed")}}), nil, types.StringValue("Host web 0000-1\n  HostName 192.0.2.9\n"), "", 0},
		{"a network", object{"web": web()}, []attr.Value{dynamic(object{"network": "storage", "user": "root"})}, types.StringValue("Host web 0000-1\n  HostName 198.51.100.5\n  User root\n"), "", 0},
		{"none", []any{}, nil, types.StringValue(""), "", 0},
		{"not known yet", []any{with(web(), object{"access_ip_v4": types.StringUnknown()})}, nil, types.StringUnknown(), "", 0},
		{"no servers", "web", nil, nil, "has to be a server, or a list", 0},
		{"something else among them", []any{web(), "web"}, nil, nil, "has to be a server", 0},
		{"a line more", web(), []attr.Value{dynamic(object{"user": "root\nProxyCommand evil"})}, nil, "user may hold neither quotes", 1},
		{"a quote", web(), []attr.Value{dynamic(object{"user": object{"web": `a" b`}})}, nil, `user["web"] may hold neither quotes`, 1},
		{"a slip", web(), []attr.Value{dynamic(object{"username": "root"})}, nil, `no option "username"`, 1},
		{"no object", web(), []attr.Value{dynamic("root")}, nil, "have to be an object", 1},
		{"twice", web(), []attr.Value{dynamic(object{}), dynamic(object{})}, nil, "only one", 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := run(t, sshConfig{}, types.StringUnknown(), dynamic(test.servers), variadic(test.options...))
			check(t, got, err, test.want, test.says, test.at)
		})
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	const id = "6f70656e-7374-6163-6b20-6e6f76612020"
	texts := func(parts map[string]string) attr.Value {
		all := map[string]attr.Value{}
		for name, part := range parts {
			all[name] = types.StringNull()
			if part != "" {
				all[name] = types.StringValue(part)
			}
		}
		return types.MapValueMust(types.StringType, all)
	}
	zone := func(zone, host, node attr.Value) attr.Value {
		return types.ObjectValueMust(zoneTypes(), map[string]attr.Value{"zone": zone, "host": host, "node": node})
	}
	none, text := types.StringNull(), types.StringValue
	for _, test := range []struct {
		f         function.Function
		arguments []string
		want      attr.Value
		says      string
		at        int64
	}{
		{parseID{}, []string{id}, text(id), "", 0},
		{parseID{}, []string{"6F70656E737461636B206E6F76612020"}, text(id), "", 0},
		{parseID{}, []string{"http://glance.example/v2/images/" + id}, text(id), "", 0},
		{parseID{}, []string{"web-1"}, nil, `"web-1" is no UUID`, 0},
		{parseID{}, []string{"{" + id + "}"}, nil, "is no UUID", 0},
		{parseImportID{}, []string{"nova_volume_attachment", "s/v"}, texts(map[string]string{"server_id": "s", "volume_id": "v"}), "", 0},
		{parseImportID{}, []string{"nova_keypair", "mine"}, texts(map[string]string{"user_id": "", "name": "mine"}), "", 0},
		{parseImportID{}, []string{"nova_keypair", "u/theirs"}, texts(map[string]string{"user_id": "u", "name": "theirs"}), "", 0},
		{parseImportID{}, []string{"nova_server_metadata", "s/a b"}, texts(map[string]string{"server_id": "s", "key": "a b"}), "", 0},
		{parseImportID{}, []string{"nova_server", id}, texts(map[string]string{"id": id, "name": ""}), "", 0},
		{parseImportID{}, []string{"nova_server", "web/1"}, texts(map[string]string{"id": "", "name": "web/1"}), "", 0},
		{parseImportID{}, []string{"nova_aggregate", "3"}, texts(map[string]string{"id": "3", "name": ""}), "", 0},
		{parseImportID{}, []string{"nova_service", "h:nova-compute"}, texts(map[string]string{"host": "h", "binary": "nova-compute", "id": ""}), "", 0},
		{parseImportID{}, []string{"nova_service", "h"}, texts(map[string]string{"host": "h", "binary": "", "id": ""}), "", 0},
		{parseImportID{}, []string{"nova_service", id}, texts(map[string]string{"host": "", "binary": "", "id": id}), "", 0},
		{parseImportID{}, []string{"nova_service", "h:"}, nil, "ID or HOST or HOST:BINARY, of nova_service", 1},
		{parseImportID{}, []string{"nova_server_tag", "s"}, nil, "is no import id, SERVER_ID/TAG, of nova_server_tag", 1},
		{parseImportID{}, []string{"nova_keypair", "/"}, nil, "NAME or USER_ID/NAME", 1},
		{parseImportID{}, []string{"nova_server", ""}, nil, "is no import id", 1},
		{parseImportID{}, []string{"nova_thing", "x"}, nil, `"nova_thing" is no resource`, 0},
		{parseAvailabilityZone{}, []string{"az"}, zone(text("az"), none, none), "", 0},
		{parseAvailabilityZone{}, []string{"az:h"}, zone(text("az"), text("h"), none), "", 0},
		{parseAvailabilityZone{}, []string{"az:h:n"}, zone(text("az"), text("h"), text("n")), "", 0},
		{parseAvailabilityZone{}, []string{"az::n"}, zone(text("az"), none, text("n")), "", 0},
		{parseAvailabilityZone{}, []string{":h"}, nil, "begins with the name", 0},
		{parseAvailabilityZone{}, []string{"a:b:c:d"}, nil, "at most three parts", 0},
	} {
		var arguments []attr.Value
		for _, argument := range test.arguments {
			arguments = append(arguments, types.StringValue(argument))
		}
		blanks := map[function.Function]attr.Value{
			parseID{}: types.StringUnknown(), parseImportID{}: types.MapUnknown(types.StringType),
			parseAvailabilityZone{}: types.ObjectUnknown(zoneTypes()),
		}
		got, err := run(t, test.f, blanks[test.f], arguments...)
		check(t, got, err, test.want, test.says, test.at)
	}
}
