// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"net/http"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/journal"
)

// How many entries the journals of a cloud keep.
const (
	keptNotifications = 10_000
	keptRequests      = 10_000
)

// Request is a request that the cloud has answered. It holds no bodies and no headers, for they hold secrets.
type Request struct {
	api.Exchange

	Time  time.Time     // when it came
	Taken time.Duration // until it was answered
}

// Notifications are what has happened to servers: the last of them, for readers in Go. Over HTTP it is
// GET /mock/v1/notifications.
func (c *Cloud) Notifications() *journal.Journal[compute.Notification] { return c.notifications }

// Trace is what the cloud has been asked. Over HTTP it is GET /mock/v1/requests.
func (c *Cloud) Trace() *journal.Journal[Request] { return c.requests }

// traced notes each request in the journal. Reading the journal itself is not noted.
func (c *Cloud) traced(service http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request := Request{Time: c.options.Clock.Now()}
		defer func() {
			if request.Service == "" || request.Service == controlType {
				return
			}
			request.Taken = c.options.Clock.Now().Sub(request.Time)
			c.requests.Add(request)
		}()
		service.ServeHTTP(w, api.Observed(r, &request.Exchange))
	})
}

// followQuery asks for a part of a journal.
type followQuery struct {
	After api.Natural          `json:"after"` // the number of the last entry that is known
	Limit api.Natural          `json:"limit" range:"0-1000"`
	Wait  api.Opt[api.Natural] `json:"wait" range:"0-60"` // seconds to wait for an entry when there is none
}

// defaultFollow is how many entries an answer has when the request does not say.
const defaultFollow = 1000

// follow answers with the entries of a journal: GET …?after=N&limit=N&wait=SECONDS. "last" in the answer is
// the next request's after.
func follow[T, V any](c *Cloud, j *journal.Journal[T], view func(T) V) func(*api.Call) (followed[V], error) {
	return func(call *api.Call) (followed[V], error) {
		q := api.Query[followQuery](call)
		limit := int(q.Limit)
		if limit == 0 {
			limit = defaultFollow
		}
		entries, last := j.After(int64(q.After), limit)
		if len(entries) == 0 && q.Wait.Set && q.Wait.Value > 0 {
			ctx, cancel := clock.WithTimeout(call.Context(), c.options.Clock, time.Duration(q.Wait.Value)*time.Second)
			defer cancel()
			var err error
			if entries, last, err = j.Wait(ctx, last, limit); err != nil && call.Context().Err() != nil {
				return followed[V]{}, err
			}
		}
		out := followed[V]{Last: last, Entries: make([]V, len(entries))}
		for i, entry := range entries {
			out.Entries[i] = view(entry)
		}
		return out, nil
	}
}

// followed is a part of a journal.
type followed[V any] struct {
	Entries []V   `json:"entries"`
	Last    int64 `json:"last"`
}

// requestView is a request as JSON.
type requestView struct {
	Time         time.Time `json:"time"`
	Milliseconds float64   `json:"milliseconds"`
	Service      string    `json:"service"`
	Method       string    `json:"method"`
	Path         string    `json:"path"`
	Query        string    `json:"query"`
	Operation    string    `json:"operation"`
	Action       string    `json:"action"`
	Microversion string    `json:"microversion"`
	Status       int       `json:"status"`
	Fault        string    `json:"fault"` // the id of the rule that struck
	RequestID    string    `json:"request_id"`
	ProjectID    string    `json:"project_id"`
	UserID       string    `json:"user_id"`
}

func viewRequest(r Request) requestView {
	return requestView{
		Time: r.Time, Milliseconds: float64(r.Taken) / float64(time.Millisecond), Service: r.Service, Method: r.Method,
		Path: r.Path, Query: r.Query, Operation: r.Operation, Action: r.Action, Microversion: r.Microversion,
		Status: r.Status, Fault: r.Fault, RequestID: r.RequestID, ProjectID: r.ProjectID, UserID: r.UserID,
	}
}
