// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"errors"
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// inNovasWords is Neutron's refusal as Nova tells it: a row of words for the fault's type, or for its
// status, says how. A refusal that no row knows keeps its status and its message, where Nova's own
// answer would be a 500.
func inNovasWords(err error, words ...networkWords) error {
	var fault *neutronFault
	if !errors.As(err, &fault) {
		return err
	}
	for _, w := range words {
		if w.kind != "" && w.kind != fault.Type || w.status != 0 && w.status != fault.status {
			continue
		}
		if w.message == "" {
			return api.NewFault(w.code, "%s", fault.Message)
		}
		return api.NewFault(w.code, "%s", w.message)
	}
	if fault.status >= http.StatusInternalServerError {
		return err
	}
	return api.NewFault(fault.status, "%s", fault.Message)
}

// networkWords is how Nova tells a refusal of Neutron's.
type networkWords struct {
	kind    string // of the refusal; "" is any
	status  int    // likewise; 0 is any
	code    int    // Nova's status
	message string // "" keeps Neutron's
}

// isGone tells that Neutron does not have what it was asked about.
func isGone(err error) bool { return hasStatus(err, http.StatusNotFound) }

// hasStatus tells that Neutron refused with that status.
func hasStatus(err error, status int) bool {
	var fault *neutronFault
	return errors.As(err, &fault) && fault.status == status
}

// inUse tells that Neutron did not delete something, because of what is on it or has just come to it.
func inUse(err error) bool {
	return hasStatus(err, http.StatusConflict) || hasStatus(err, http.StatusPreconditionFailed)
}
