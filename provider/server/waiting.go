// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// waiting is what makes a guest ready.
type waiting struct {
	WaitFor types.Object `tfsdk:"wait_for"`
}

// sign is wait_for.
type sign struct {
	ConsoleLog types.String `tfsdk:"console_log"`
	Status     types.String `tfsdk:"status"`
	Port       types.Object `tfsdk:"port"`
}

// listener is where the guest listens once it is ready.
type listener struct {
	Port    types.Int64  `tfsdk:"port"`
	Address types.String `tfsdk:"address"`
	Network types.String `tfsdk:"network"`
}

// logLines is how much of the console log is read each time.
const logLines = 1000

// knock is how long the guest has to answer a connection.
const knock = 5 * time.Second

// ready waits until the guest shows the signs that wait_for names.
func (r *server) ready(ctx context.Context, plan model, id string) error {
	if !value.Known(plan.WaitFor) {
		return nil
	}
	var wanted sign
	if diags := plan.WaitFor.As(ctx, &wanted, basetypes.ObjectAsOptions{}); diags.HasError() {
		return errOf(diags)
	}
	if status := wanted.Status.ValueString(); status != "" {
		if _, err := r.reached(ctx, id, status); err != nil {
			return err
		}
	}
	if text := wanted.ConsoleLog.ValueString(); text != "" {
		pattern, err := regexp.Compile(text)
		if err != nil {
			return err
		}
		if err := r.repeat(ctx, fmt.Sprintf("%q in the console log", text), func() (bool, error) { return r.logs(ctx, id, pattern) }); err != nil {
			return err
		}
	}
	if value.Known(wanted.Port) {
		var at listener
		if diags := wanted.Port.As(ctx, &at, basetypes.ObjectAsOptions{}); diags.HasError() {
			return errOf(diags)
		}
		return r.listens(ctx, id, at)
	}
	return nil
}

// logs is whether the console log has a line of the pattern. A guest that has only begun has no log yet, which clouds
// say in several ways.
func (r *server) logs(ctx context.Context, id string, pattern *regexp.Regexp) (bool, error) {
	text, err := r.Servers().Console(ctx, id, logLines)
	switch status := diagnose.Status(err); {
	case err == nil:
		return pattern.MatchString(text), nil
	case status == http.StatusNotImplemented, status == http.StatusForbidden, status == http.StatusBadRequest:
		return false, fmt.Errorf("reading the console log: %w", err)
	case status == http.StatusNotFound:
		if _, gone := r.Servers().Get(ctx, id); diagnose.NotFound(gone) {
			return false, gone
		}
		return false, nil
	case status == 0 && !client.Ambiguous(err):
		return false, err
	}
	return false, nil
}

// listens waits until the guest accepts a connection.
func (r *server) listens(ctx context.Context, id string, at listener) error {
	address := at.Address.ValueString()
	if address == "" {
		s, err := r.Servers().Get(ctx, id)
		if err != nil {
			return err
		}
		if address = reachable(s, at.Network.ValueString()); address == "" {
			return errors.New("wait_for.port: the server has no address to connect to")
		}
	}
	to := net.JoinHostPort(address, strconv.FormatInt(at.Port.ValueInt64(), 10))
	dialer := net.Dialer{Timeout: knock}
	return r.repeat(ctx, to+" to accept a connection", func() (bool, error) {
		connection, err := dialer.DialContext(ctx, "tcp", to)
		if err != nil {
			return false, nil //nolint:nilerr // that is what is waited for
		}
		return true, connection.Close()
	})
}

// reachable is the address by which the server is likely to be reached: the one that is noted for that, then a floating
// one, then any, of IPv4 first.
func reachable(s *nova.Server, network string) string {
	if network == "" && (s.AccessIPv4 != "" || s.AccessIPv6 != "") {
		if s.AccessIPv4 != "" {
			return s.AccessIPv4
		}
		return s.AccessIPv6
	}
	best, rank := "", -1
	for _, row := range addressRows(s.Addresses) {
		if network != "" && row.network != network {
			continue
		}
		is := 0
		if row.Type == "floating" {
			is += 2
		}
		if row.Version == 4 {
			is++
		}
		if is > rank {
			best, rank = row.Address.Address, is
		}
	}
	return best
}

// repeat asks until done, further and further apart, and tells the log what it is waiting for.
func (r *server) repeat(ctx context.Context, what string, done func() (bool, error)) error {
	clock := r.Servers().Client.Clock()
	pauses := wait.Backoff{First: 200 * time.Millisecond, Factor: 1.5, Max: 5 * time.Second, Jitter: 0.2}
	progress := r.progress()
	for asked := 0; ; asked++ {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		progress.note(ctx, "Waiting for "+what)
		if err := clock.Sleep(ctx, pauses.Pause(asked)); err != nil {
			return fmt.Errorf("waiting for %s: %w", what, err)
		}
	}
}
