// SPDX-License-Identifier: MPL-2.0

package compute

import "errors"

var errUnbuilt = errors.New("not built yet")

type turns struct{}
type host struct{}
