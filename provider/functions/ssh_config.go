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
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type sshConfig struct{}

func newSSHConfig() function.Function { return sshConfig{} }

func (sshConfig) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "ssh_config"
}

func (sshConfig) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The text of an ssh configuration for servers.",
		MarkdownDescription: "The text of an ssh configuration, for `~/.ssh/config` or `ssh -F`, by which each server is reached under its name and " +
			"under its id; under the id alone where several servers share a name, and where the name is none that ssh takes for a host: it may hold letters, digits, " +
			"`.`, `_` and `-`. The entries are sorted by name. A server is " +
			"reached by its `access_ip_v4`, its `access_ip_v6`, a floating address, or a fixed one, the first that it has; one " +
			"without addresses is only mentioned in a comment.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name: "servers", AllowUnknownValues: true,
				MarkdownDescription: "A `nova_server`, or a list, set or map of them: `nova_server.web` with `count` or `for_each` for example.",
			},
		},
		VariadicParameter: function.DynamicParameter{
			Name: "options",
			MarkdownDescription: "An object with any of `user` (for all servers, or a map of users by the servers' names), `network` (the name of the network " +
				"to take the addresses from), `port`, `identity_file` and `proxy_jump`.",
		},
		Return: function.StringReturn{},
	}
}

func (sshConfig) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var servers types.Dynamic
	var more []types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &servers, &more); resp.Error != nil {
		return
	}
	if len(more) > 1 {
		resp.Error = function.NewArgumentFuncError(2, "there may be only one object of options")
		return
	}
	var options sshOptions
	if len(more) == 1 {
		var err error
		if options, err = readSSHOptions(more[0]); err != nil {
			resp.Error = wrong(1, err)
			return
		}
	}
	hosts, err := sshHosts(servers, options.network)
	if unknown(err) {
		resp.Error = resp.Result.Set(ctx, types.StringUnknown())
		return
	}
	if err != nil {
		resp.Error = wrong(0, err)
		return
	}
	resp.Error = resp.Result.Set(ctx, options.render(hosts))
}

// sshOptions are what the entries have in common.
type sshOptions struct {
	network string
	users   map[string]string // by the names of servers; "" for the others
	common  []string          // lines
}

// sshSettings are the options that become lines as they are.
var sshSettings = []struct{ option, keyword string }{
	{"port", "Port"}, {"identity_file", "IdentityFile"}, {"proxy_jump", "ProxyJump"},
}

func readSSHOptions(v attr.Value) (o sshOptions, err error) {
	given := maps.Clone(members(v))
	if given == nil {
		return o, errors.New("the options have to be an object")
	}
	o.users = map[string]string{}
	take := func(name string) (string, error) {
		v := given[name]
		delete(given, name)
		if port, err := number(v); err == nil && port != nil {
			return port.Text('f', -1), nil
		}
		s, err := text(v)
		if err == nil {
			err = safe(s)
		}
		if err != nil {
			return "", fmt.Errorf("%s %w", name, err)
		}
		return s, nil
	}
	if o.network, err = take("network"); err != nil {
		return o, err
	}
	for _, setting := range sshSettings {
		s, err := take(setting.option)
		if err != nil {
			return o, err
		}
		if s != "" {
			o.common = append(o.common, setting.keyword+" "+quote(s))
		}
	}
	if users := members(given["user"]); users != nil {
		delete(given, "user")
		for name, user := range users {
			s, err := text(user)
			if err == nil {
				err = safe(s)
			}
			if err != nil {
				return o, fmt.Errorf("user[%q] %w", name, err)
			}
			o.users[name] = s
		}
	} else if o.users[""], err = take("user"); err != nil {
		return o, err
	}
	if len(given) > 0 {
		return o, fmt.Errorf("there is no option %q; there are user, network, port, identity_file and proxy_jump", slices.Min(slices.Collect(maps.Keys(given))))
	}
	return o, nil
}

// sshHost is a server to reach.
type sshHost struct{ id, name, address string }

// sshHosts are the servers, sorted by name and id.
func sshHosts(servers attr.Value, network string) ([]sshHost, error) {
	servers = plain(servers)
	if servers.IsUnknown() {
		return nil, errUnknown
	}
	all, ok := elements(servers)
	switch {
	case isServer(servers):
		all = []attr.Value{servers}
	case !ok && members(servers) == nil:
		return nil, errors.New("this has to be a server, or a list, set or map of servers")
	case !ok:
		all = slices.Collect(maps.Values(members(servers)))
	}
	var hosts []sshHost
	for _, server := range all {
		host, err := readSSHHost(server, network)
		if err != nil {
			return nil, err
		}
		hosts = append(hosts, host)
	}
	slices.SortFunc(hosts, func(a, b sshHost) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.id, b.id)) })
	return hosts, nil
}

func readSSHHost(server attr.Value, network string) (h sshHost, err error) {
	all, err := addressesOf(server)
	if err != nil {
		return h, err
	}
	var ipv4, ipv6 string
	for name, target := range map[string]*string{"id": &h.id, "name": &h.name, "access_ip_v4": &ipv4, "access_ip_v6": &ipv6} {
		if *target, err = text(members(server)[name]); err != nil {
			return h, err
		}
	}
	if h.id == "" {
		return h, errors.New("a server without an id")
	}
	h.address = choose(all, network, nil, "floating", "ipv4")
	if network == "" {
		h.address = cmp.Or(ipv4, ipv6, h.address)
	}
	for _, s := range []string{h.id, h.address} {
		if err := safe(s); err != nil {
			return h, fmt.Errorf("the id or an address of server %q %w", h.name, err)
		}
	}
	return h, nil
}

// render writes the configuration.
func (o sshOptions) render(hosts []sshHost) string {
	count := map[string]int{}
	for _, h := range hosts {
		count[h.name]++
	}
	var b strings.Builder
	for i, h := range hosts {
		if i > 0 {
			b.WriteByte('\n')
		}
		if h.address == "" {
			fmt.Fprintf(&b, "# %q (%s) has no address\n", h.name, h.id)
			continue
		}
		patterns := quote(h.id)
		if count[h.name] == 1 && aliasRule.MatchString(h.name) {
			patterns = h.name + " " + patterns
		}
		fmt.Fprintf(&b, "Host %s\n  HostName %s\n", patterns, quote(h.address))
		user, ok := o.users[h.name]
		if !ok {
			user = o.users[""]
		}
		if user != "" {
			fmt.Fprintf(&b, "  User %s\n", quote(user))
		}
		for _, line := range o.common {
			fmt.Fprintf(&b, "  %s\n", line)
		}
	}
	return b.String()
}

var (
	// aliasRule is for names that ssh takes for hosts, neither for patterns nor options.
	aliasRule = regexp.MustCompile(`^[\pL0-9_][\pL0-9_.-]*$`)
	wordRule  = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./~-]+$`)
)

// quote makes one word of s for ssh, which knows no way to have quotes in a word that all its versions understand:
// see safe.
func quote(s string) string {
	if wordRule.MatchString(s) {
		return s
	}
	return `"` + s + `"`
}

// safe refuses what would end a word or a line of an ssh configuration.
func safe(s string) error {
	if strings.ContainsAny(s, `"\`) || strings.ContainsFunc(s, unicode.IsControl) {
		return fmt.Errorf("may hold neither quotes nor backslashes nor control characters for ssh: %q", s)
	}
	return nil
}
