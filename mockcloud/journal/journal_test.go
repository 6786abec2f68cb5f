// SPDX-License-Identifier: MPL-2.0

package journal_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/journal"
)

func TestJournalKeepsTheLast(t *testing.T) {
	t.Parallel()
	j := journal.New[int](3)
	if got, next := j.After(0, 0); got != nil || next != 0 {
		t.Errorf("an empty journal has %v, %d", got, next)
	}
	for n := 1; n <= 5; n++ {
		j.Add(n)
	}
	for _, test := range []struct {
		after int64
		limit int
		want  []int
		next  int64
	}{
		{0, 0, []int{3, 4, 5}, 5},
		{3, 0, []int{4, 5}, 5},
		{1, 2, []int{3, 4}, 4},
		{5, 0, nil, 5},
		{99, 0, nil, 5},
		{-1, 1, []int{3}, 3},
	} {
		if got, next := j.After(test.after, test.limit); !slices.Equal(got, test.want) || next != test.next {
			t.Errorf("After(%d, %d) = %v, %d, want %v, %d", test.after, test.limit, got, next, test.want, test.next)
		}
	}
}

func TestWaitForEntries(t *testing.T) {
	t.Parallel()
	j := journal.New[int](1000)
	const writers, each = 4, 100
	var writing sync.WaitGroup
	for range writers {
		writing.Go(func() {
			for n := range each {
				j.Add(n)
			}
		})
	}
	seen, sum := int64(0), 0
	for seen < writers*each {
		got, next, err := j.Wait(t.Context(), seen, 7)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range got {
			sum += n
		}
		seen = next
	}
	writing.Wait()
	if want := writers * each * (each - 1) / 2; sum != want || j.Last() != writers*each {
		t.Errorf("read %d in %d entries, want %d", sum, seen, want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := j.Wait(ctx, seen, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("Wait ended with %v", err)
	}
}
