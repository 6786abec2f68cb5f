// SPDX-License-Identifier: MPL-2.0

package wait

import "context"

// Each is a Source of objects that can only be read one at a time.
type Each[T any] func(ctx context.Context, id string) (T, error)

// Get reads an object.
func (e Each[T]) Get(ctx context.Context, id string) (T, error) { return e(ctx, id) }

// List reads several; what it cannot read it leaves to Get.
func (e Each[T]) List(ctx context.Context, ids []string) (map[string]T, error) {
	found := map[string]T{}
	for _, id := range ids {
		if object, err := e(ctx, id); err == nil {
			found[id] = object
		}
	}
	return found, nil
}
