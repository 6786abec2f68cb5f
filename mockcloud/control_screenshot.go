// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"net/http"
	"strconv"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// screenshotFaults are the statuses of compute's refusals of a screenshot.
var screenshotFaults = map[compute.Kind]int{
	compute.NotFound: http.StatusNotFound, compute.Conflict: http.StatusConflict,
	compute.Unavailable: http.StatusServiceUnavailable, compute.NotImplemented: http.StatusNotImplemented,
}

// screenshot answers GET /mock/v1/servers/{id}/screenshot with a PNG of the server's screen.
func (c *Cloud) screenshot(call *api.Call, w http.ResponseWriter) error {
	id := call.Var("id")
	inst, err := c.Compute.Get(call.Context(), id)
	if err == nil && inst.ProjectID != call.ProjectID() && !call.Identity.Admin() {
		err = &compute.InstanceNotFound{InstanceID: id}
	}
	var png []byte
	if err == nil {
		png, err = c.Compute.Screenshot(call.Context(), id)
	}
	if status, known := screenshotFaults[compute.KindOf(err)]; known {
		return api.NewFault(status, "%s", err)
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Content-Length", strconv.Itoa(len(png)))
	w.Header().Set("Cache-Control", "no-store") // it is another one soon
	_, err = w.Write(png)
	return err
}
