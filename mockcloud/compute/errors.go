// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"errors"
	"fmt"
)

// Kind says whose fault an error is; the API has an HTTP status for each.
type Kind int

// The kinds of errors. An error without a kind is Internal.
const (
	Internal       Kind = iota
	BadRequest          // 400
	Forbidden           // 403: policy and quota
	NotFound            // 404
	Conflict            // 409
	Unavailable         // 503
	NotImplemented      // 501: the host's driver lacks the ability
)

// KindOf is the kind of the first error in err's chain that has one.
func KindOf(err error) Kind {
	var kinded interface{ Kind() Kind }
	if errors.As(err, &kinded) {
		return kinded.Kind()
	}
	return Internal
}

// Refusal is a request that is refused for a reason that needs no type of its own. Its message is
// meant for the user.
type Refusal struct {
	Reason  Kind
	Message string
}

func (e *Refusal) Error() string { return e.Message }

// Kind is the refusal's reason.
func (e *Refusal) Kind() Kind { return e.Reason }

func refuse(kind Kind, format string, args ...any) error {
	return &Refusal{Reason: kind, Message: fmt.Sprintf(format, args...)}
}

// InstanceNotFound: no such instance, or not in the caller's project.
type InstanceNotFound struct{ InstanceID string }

func (e *InstanceNotFound) Error() string {
	return fmt.Sprintf("Instance %s could not be found.", e.InstanceID)
}

// Kind is NotFound.
func (*InstanceNotFound) Kind() Kind { return NotFound }

// ImageNotFound: no such image, or not for the caller to see.
type ImageNotFound struct{ ImageID string }

func (e *ImageNotFound) Error() string {
	return fmt.Sprintf("Image %s could not be found.", e.ImageID)
}

// Kind is NotFound.
func (*ImageNotFound) Kind() Kind { return NotFound }

// InstanceInvalidState: the instance's state does not allow the action.
type InstanceInvalidState struct {
	InstanceID string
	Action     string // the action's name in the API: "stop"
	Attr       string // what stands in the way: vm_state, task_state or launched_at
	State      string // its value, "" for none
}

// Error is what Nova's API answers with 409.
func (e *InstanceInvalidState) Error() string {
	if e.State == "" {
		return fmt.Sprintf("Instance %s is in an invalid state for '%s'", e.InstanceID, e.Action)
	}
	return fmt.Sprintf("Cannot '%s' instance %s while it is in %s %s", e.Action, e.InstanceID, e.Attr, e.State)
}

// Kind is Conflict.
func (*InstanceInvalidState) Kind() Kind { return Conflict }

// InstanceIsLocked: the instance is locked and the caller is no administrator.
type InstanceIsLocked struct{ InstanceID string }

func (e *InstanceIsLocked) Error() string { return fmt.Sprintf("Instance %s is locked", e.InstanceID) }

// Kind is Conflict.
func (*InstanceIsLocked) Kind() Kind { return Conflict }

// InstanceNotReady: the instance has no host (yet).
type InstanceNotReady struct{ InstanceID string }

func (e *InstanceNotReady) Error() string {
	return fmt.Sprintf("Instance %s is not ready", e.InstanceID)
}

// Kind is Conflict.
func (*InstanceNotReady) Kind() Kind { return Conflict }

// QuotaExceeded: a limit of the project would be passed.
type QuotaExceeded struct{ Message string }

func (e *QuotaExceeded) Error() string { return e.Message }

// Kind is Forbidden.
func (*QuotaExceeded) Kind() Kind { return Forbidden }

// NoValidHost: the scheduler found no host for the instance.
type NoValidHost struct{ Reason string }

func (e *NoValidHost) Error() string { return "No valid host was found. " + e.Reason }

// MaxRetriesExceeded: every host that the scheduler chose failed to build the instance.
type MaxRetriesExceeded struct {
	InstanceID string
	Last       error // of the last host
}

func (e *MaxRetriesExceeded) Error() string {
	return "Exceeded maximum number of retries. Exhausted all hosts available for retrying build " +
		"failures for instance " + e.InstanceID + "."
}

func (e *MaxRetriesExceeded) Unwrap() error { return e.Last }

// BuildAborted: the build failed in a way that no other host would mend.
type BuildAborted struct {
	InstanceID string
	Reason     string
	Cause      error
}

func (e *BuildAborted) Error() string {
	return fmt.Sprintf("Build of instance %s aborted: %s", e.InstanceID, e.Reason)
}

func (e *BuildAborted) Unwrap() error { return e.Cause }
