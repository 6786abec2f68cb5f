// SPDX-License-Identifier: MPL-2.0

package memory

import "math/rand/v2"

// A tree is a sorted map that never changes: set and unset return another tree, which shares all but
// the path to the change. It is a treap, that is, sorted by key and heaped by random weights, which
// keeps it balanced in expectation whatever the order of keys. nil is the empty tree.
type tree[K ordered[K], V any] struct {
	key         K
	value       V
	weight      uint32
	left, right *tree[K, V]
}

type ordered[K any] interface {
	// compare is negative, zero or positive as the receiver comes before, at or after the other.
	compare(K) int
}

func (t *tree[K, V]) get(key K) (value V, ok bool) {
	for t != nil {
		switch c := key.compare(t.key); {
		case c < 0:
			t = t.left
		case c > 0:
			t = t.right
		default:
			return t.value, true
		}
	}
	return value, false
}

func (t *tree[K, V]) set(key K, value V) *tree[K, V] {
	if t == nil {
		return &tree[K, V]{key: key, value: value, weight: rand.Uint32()} //nolint:gosec // balance, no secret
	}
	node := *t
	switch c := key.compare(t.key); {
	case c < 0:
		node.left = t.left.set(key, value)
		if left := node.left; left.weight > node.weight {
			// left is fresh, made by the set above, and so may be changed in place.
			node.left, left.right = left.right, &node
			return left
		}
	case c > 0:
		node.right = t.right.set(key, value)
		if right := node.right; right.weight > node.weight {
			node.right, right.left = right.left, &node
			return right
		}
	default:
		node.value = value
	}
	return &node
}

func (t *tree[K, V]) unset(key K) *tree[K, V] {
	if t == nil {
		return nil
	}
	c := key.compare(t.key)
	if c == 0 {
		return join(t.left, t.right)
	}
	node := *t
	if c < 0 {
		node.left = t.left.unset(key)
	} else {
		node.right = t.right.unset(key)
	}
	return &node
}

// join is the tree of both; every key of left comes before every key of right.
func join[K ordered[K], V any](left, right *tree[K, V]) *tree[K, V] {
	switch {
	case left == nil:
		return right
	case right == nil:
		return left
	case left.weight > right.weight:
		node := *left
		node.right = join(left.right, right)
		return &node
	default:
		node := *right
		node.left = join(left, right.left)
		return &node
	}
}

// from yields the pairs from the given key onwards, in order, until yield returns false, which it
// passes on.
func (t *tree[K, V]) from(key K, yield func(K, V) bool) bool {
	if t == nil {
		return true
	}
	if key.compare(t.key) <= 0 {
		return t.left.from(key, yield) && yield(t.key, t.value) && t.right.from(key, yield)
	}
	return t.right.from(key, yield)
}
