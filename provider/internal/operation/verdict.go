// SPDX-License-Identifier: MPL-2.0

package operation

import (
	"context"
	"fmt"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// verdict is what Nova's record says of a request that did not fail.
type verdict int

const (
	unknown verdict = iota // the record cannot be read, or Nova keeps none of this kind
	running
	finished
)

// verdict reads Nova's record of the last request; the error is why the request failed, if it did.
func (o *Operation) verdict(ctx context.Context) (verdict, error) {
	if o.request == "" {
		return unknown, nil
	}
	action, err := o.session.Servers().Action(ctx, o.Server.ID, o.request)
	if err != nil {
		return unknown, nil //nolint:nilerr // who may not read the record judges by the server alone
	}
	return judge(action)
}

// Failure is why Nova's record says that the last request failed; nil if it says that it did not, or nothing.
func (o *Operation) Failure(ctx context.Context) error {
	_, err := o.verdict(ctx)
	return err
}

func judge(action *nova.InstanceAction) (verdict, error) {
	open := len(action.Events) == 0
	for _, event := range action.Events {
		if event.Result == "Error" {
			return finished, &FailedError{Action: action, Event: event}
		}
		open = open || event.FinishTime == ""
	}
	switch {
	case action.Message == "Error":
		return finished, &FailedError{Action: action}
	case open:
		return running, nil
	}
	return finished, nil
}

// FailedError is a request that Nova took and could not carry out.
type FailedError struct {
	Action *nova.InstanceAction
	Event  nova.InstanceEvent // the first that failed; zero if Nova does not show events
}

func (e *FailedError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Nova took the request %q, but could not carry it out", e.Action.Action)
	if e.Event.Event != "" {
		fmt.Fprintf(&b, ": %s failed", e.Event.Event)
	}
	if e.Event.Host != "" {
		fmt.Fprintf(&b, " on host %s", e.Event.Host)
	}
	if e.Event.Details != "" {
		fmt.Fprintf(&b, ": %s", e.Event.Details)
	}
	fmt.Fprintf(&b, "\nRequest id: %s", e.Action.RequestID)
	if trace := strings.TrimSpace(e.Event.Traceback); trace != "" && trace != e.Event.Details {
		fmt.Fprintf(&b, "\n\n%s", trace)
	}
	return b.String()
}
