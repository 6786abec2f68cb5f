// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// revisionOf is the revision that a request insists on (If-Match: revision_number=3); set tells whether
// it does.
func revisionOf(header http.Header) (revision int, set bool, err error) {
	for _, tag := range strings.Split(strings.Join(header.Values("If-Match"), ","), ",") {
		number, ours := strings.CutPrefix(strings.Trim(tag, ` "`), "revision_number=")
		switch {
		case !ours:
			continue
		case set:
			return 0, false, badRequest.of("if-match", "Multiple revision_number etags are not supported")
		}
		if revision, err = strconv.Atoi(number); err != nil {
			return 0, false, badRequest.of("if-match", "Revision number etag must be in the format of revision_number=<int>")
		}
		set = true
	}
	return revision, set, nil
}

// expect refuses a request about a record that has changed since the revision that it insists on.
func (k *collection[R, F]) expect(o *op, c *api.Call) error {
	revision, set, err := revisionOf(c.Request.Header)
	if err != nil || !set {
		return err
	}
	row, err := k.find(o, c.Var("id"))
	if err != nil {
		return err
	}
	if current := k.base(row).Revision; current != revision {
		return revisionDiffers.of(revision, current)
	}
	return nil
}
