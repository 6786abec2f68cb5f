// SPDX-License-Identifier: MPL-2.0

// Package operation is what an action does to one server: Nova is asked once, the server is followed to the end while
// people are told how far it is, and Nova's own record is quoted when it gives up.
package operation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
)

// Operation is work on one server. It is for one goroutine.
type Operation struct {
	// Server is the server as it was last seen.
	Server *nova.Server

	session *session.Session
	client  *client.Client
	tell    func(string)
	request string // the id of the last request that Nova took
	report  reporter
}

// New begins work on a server; tell is called with each line of progress. Only after session.Cloud.
func New(ctx context.Context, s *session.Session, id string, tell func(string)) (*Operation, error) {
	server, err := s.Servers().Get(ctx, id)
	if err != nil {
		return nil, err
	}
	c := s.Servers().Client
	return &Operation{
		Server: server, session: s, client: c, tell: tell,
		report: reporter{clock: c.Clock(), began: c.Clock().Now()},
	}, nil
}

// Name is what people call the server.
func (o *Operation) Name() string {
	if o.Server.Name != "" {
		return o.Server.Name
	}
	return o.Server.ID
}

// Client is the way to the cloud.
func (o *Operation) Client() *client.Client { return o.client }

// Tell tells people something about the server.
func (o *Operation) Tell(format string, values ...any) {
	o.tell(o.Name() + ": " + fmt.Sprintf(format, values...))
}

// Order is a server action to ask for.
type Order struct {
	At     client.Microversion
	Body   map[string]any // {"reboot": {"type": "SOFT"}}
	Answer any            // where the body of the answer goes; nil if it has none that matters
	// Record is what Nova's instance actions call it; "" if it may be asked for twice.
	Record string
	// Made looks for what the action makes and nothing else does: it tells more than the record, which may be of a request of
	// others.
	Made func(context.Context) (bool, error)
}

// Ask asks for an action, once: if the answer got lost, it looks whether Nova recorded the request before it asks again.
func (o *Operation) Ask(ctx context.Context, order Order) (nova.Acted, error) {
	earlier, known := o.newest(ctx, order.Record)
	whole := client.Whole(ctx)
	var acted nova.Acted
	err := client.Act(ctx, o.client, func(context.Context) (err error) {
		acted, err = o.session.Servers().ActAt(whole, order.At, o.Server.ID, order.Body, order.Answer)
		return err
	}, func(ctx context.Context) (bool, error) {
		if known {
			acted = nova.Acted{RequestID: o.since(ctx, order.Record, earlier)}
		}
		if order.Made != nil {
			return o.made(client.Whole(ctx), order, acted.RequestID)
		}
		return known && acted.RequestID != "", nil
	})
	if err != nil {
		return nova.Acted{}, err
	}
	o.request = acted.RequestID
	o.Tell("Nova took the request %s", cmp.Or(o.request, "(its id got lost)"))
	return acted, nil
}

// made is whether there is what the order makes. As long as Nova's record has it that a request of that kind is being
// worked on, it may come; who is not shown how far that is, does not wait for long.
func (o *Operation) made(ctx context.Context, order Order, request string) (bool, error) {
	for looks := 0; ; looks++ {
		busy := o.busy(ctx, request, looks)
		if is, err := order.Made(ctx); is || err != nil || !busy {
			return is, err
		}
		if err := o.client.Pause(ctx, min(looks, slowest)); err != nil {
			return false, err
		}
	}
}

// slowest is after how many looks they come no slower.
const slowest = 4

func (o *Operation) busy(ctx context.Context, request string, looks int) bool {
	if request == "" {
		return false
	}
	action, err := o.session.Servers().Action(ctx, o.Server.ID, request)
	if err != nil {
		return false
	}
	noted, err := judge(action)
	return noted == running && err == nil && (len(action.Events) > 0 || looks < mostStrays)
}

// newest is the id of the newest recorded request, "" if there is none, and whether that is known: without it, an old
// request could be taken for the one that is asked for.
func (o *Operation) newest(ctx context.Context, record string) (string, bool) {
	if record == "" {
		return "", false
	}
	actions, err := o.session.Servers().Actions(ctx, o.Server.ID)
	if err != nil || len(actions) == 0 {
		return "", err == nil
	}
	return actions[0].RequestID, true
}

// since is the id of the request of that kind which Nova recorded after the earlier one; "" if there is none.
func (o *Operation) since(ctx context.Context, record, earlier string) string {
	actions, err := o.session.Servers().Actions(ctx, o.Server.ID)
	if err != nil {
		return ""
	}
	for _, action := range actions {
		if action.RequestID == earlier {
			return ""
		}
		if action.Action == record {
			return action.RequestID
		}
	}
	return ""
}

// ended says for people why ctx ended while the server was followed.
func (o *Operation) ended(err error) error {
	seen := fmt.Sprintf("status %s", o.Server.Status)
	if o.Server.TaskState != "" {
		seen += fmt.Sprintf(" (task: %q)", o.Server.TaskState)
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("the server is still in %s, and Nova goes on with what it was asked for: %w", seen, err)
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("the wait was interrupted: Nova goes on with what it was asked for; the server was last seen in %s: %w", seen, err)
	}
	return err
}

// elapsed is how long the operation has taken, in whole seconds from the tenth on.
func elapsed(d time.Duration) time.Duration {
	if d > 10*time.Second {
		return d.Round(time.Second)
	}
	return d.Round(100 * time.Millisecond)
}
