// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"
	"net/http"

	"github.com/gophercloud/gophercloud/v2"
)

// Remove deletes what is at an address; that nothing is there is no error. It takes any of the codes with which Nova
// says that it did, or 204 where Nova has another: the client makes that of the 404 to a repeated request.
func Remove(ctx context.Context, service *gophercloud.ServiceClient, address string) error {
	_, err := service.Delete(ctx, address, &gophercloud.RequestOpts{OkCodes: []int{http.StatusOK, http.StatusAccepted, http.StatusNoContent}})
	if absent(err) {
		return nil
	}
	return err
}
