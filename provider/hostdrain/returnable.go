// SPDX-License-Identifier: MPL-2.0

package hostdrain

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/operation"
)

// returnable are the servers that have left the host by a resize or a cold migration and were not tried yet: until that is
// confirmed, the host keeps their disks, and a revert brings them back.
func (w *work) returnable(ctx context.Context) (away []*nova.Server, err error) {
	ids, err := w.session.Servers().Returnable(ctx, w.host)
	if forbidden(err) {
		if !w.blind {
			w.tell(w.host + ": this user is not shown migrations, and so not which servers a revert would bring back")
		}
		w.blind = true
		return nil, nil
	}
	for _, id := range ids {
		if w.tried(id) {
			continue
		}
		server, err := w.session.Servers().Get(ctx, id)
		if diagnose.NotFound(err) {
			continue
		}
		returns := err == nil && server.TaskState != "" // it is on its way, wherever that leads
		if err == nil && !returns {
			returns, err = w.returns(ctx, server)
		}
		if err != nil {
			return nil, err
		}
		if returns {
			w.tell(fmt.Sprintf("%s: has left, but may come back: it is in status %s", server.Name, server.Status))
			away = append(away, server)
		}
	}
	return away, err
}

// returns is whether a revert would bring the server back to the host. Other records of Nova's were left behind.
func (w *work) returns(ctx context.Context, server *nova.Server) (bool, error) {
	if server.Status != nova.VerifyResize {
		return false, nil
	}
	last, err := w.session.Servers().LastMigration(ctx, server.ID)
	if forbidden(err) {
		return false, nil
	}
	return last != nil && last.Source == w.host, err
}

func forbidden(err error) bool { return diagnose.Status(err) == http.StatusForbidden }

// settle confirms the resize or cold migration of a server, if the user wants that.
func (w *work) settle(ctx context.Context, o *operation.Operation) error {
	if w.confirm {
		return o.Confirm(ctx)
	}
	err := errors.New("its resize or migration waits to be confirmed or reverted")
	if o.Server.Host != w.host {
		err = fmt.Errorf("it is on host %s, but the host keeps its disks: %w", o.Server.Host, err)
	}
	return &diagnose.Hinted{
		Err: err,
		Hint: "nova_server_confirm_resize confirms it, as confirm_resizes = true does here; nova_server_revert_resize brings the server " +
			"back to where and what it was.",
	}
}
