// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"
	"iter"
	"net/url"
)

// All are the servers that GET /servers/detail shows for a query, each page read when the one before it is used up.
func (s Servers) All(ctx context.Context, query url.Values) iter.Seq2[*Server, error] {
	return func(yield func(*Server, error) bool) {
		err := s.each(ctx, query, func(page []*Server) bool {
			for _, server := range page {
				if !yield(server, nil) {
					return false
				}
			}
			return true
		})
		if err != nil {
			yield(nil, err)
		}
	}
}
