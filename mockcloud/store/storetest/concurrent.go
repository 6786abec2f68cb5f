// SPDX-License-Identifier: MPL-2.0

package storetest

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

const (
	workers = 8
	rounds  = 25
)

// together runs n workers at once and fails the test with the errors of each.
func (s *suite) together(n int, work func(worker int) error) {
	s.Helper()
	var group sync.WaitGroup
	for worker := range n {
		group.Go(func() {
			if err := work(worker); err != nil {
				s.Errorf("worker %d: %v", worker, err)
			}
		})
	}
	group.Wait()
}

func number(tx store.Tx, table, key string) (int, error) {
	value, err := tx.Get(table, key)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(value))
}

func add(tx store.Tx, table, key string, n int) error {
	old, err := number(tx, table, key)
	if err != nil {
		return err
	}
	return tx.Put(table, key, []byte(strconv.Itoa(old+n)), nil)
}

// increments loses none of many read-modify-writes of one row.
func increments(s *suite) {
	s.put("t", "n", "0", nil)
	ctx := s.soon()
	s.together(workers, func(int) error {
		for range rounds {
			if err := s.Update(ctx, func(tx store.Tx) error { return add(tx, "t", "n", 1) }); err != nil {
				return err
			}
		}
		return nil
	})
	s.wantRows("t", fmt.Sprintf("n=%d", workers*rounds))
}

// claims gives each unique value to exactly one of those who want it.
func claims(s *suite) {
	ctx := s.soon()
	var won, lost atomic.Int64
	s.together(workers, func(worker int) error {
		for round := range rounds {
			err := s.Update(ctx, func(tx store.Tx) error {
				return tx.Put("t", fmt.Sprintf("%d-%d", worker, round), nil, unique1("slot", strconv.Itoa(round)))
			})
			switch {
			case err == nil:
				won.Add(1)
			case errors.Is(err, store.ErrExists):
				lost.Add(1)
			default:
				return err
			}
		}
		return nil
	})
	if won.Load() != rounds || lost.Load() != (workers-1)*rounds {
		s.Errorf("%d claims won and %d lost of %d slots", won.Load(), lost.Load(), rounds)
	}
}

// writeSkew: two workers may each leave the last seat only if the other still sits. Snapshots alone
// would let both go.
func writeSkew(s *suite) {
	ctx := s.soon()
	for round := range rounds {
		table := fmt.Sprintf("seats%d", round)
		s.update(func(tx store.Tx) error {
			return errors.Join(tx.Put(table, "0", []byte("1"), nil), tx.Put(table, "1", []byte("1"), nil))
		})
		s.together(2, func(worker int) error {
			return s.Update(ctx, func(tx store.Tx) error {
				other, err := number(tx, table, strconv.Itoa(1-worker))
				if err != nil || other == 0 {
					return err
				}
				return tx.Put(table, strconv.Itoa(worker), []byte("0"), nil)
			})
		})
		s.view(func(tx store.Tx) error {
			a, errA := number(tx, table, "0")
			b, errB := number(tx, table, "1")
			if a+b != 1 {
				return fmt.Errorf("round %d: %d seats are taken, want 1", round, a+b)
			}
			return errors.Join(errA, errB)
		})
	}
}

// wholeUpdates moves money between accounts while others count it.
func wholeUpdates(s *suite) {
	const accounts, each = 10, 100
	s.update(func(tx store.Tx) error {
		for i := range accounts {
			if err := tx.Put("accounts", strconv.Itoa(i), []byte(strconv.Itoa(each)), nil); err != nil {
				return err
			}
		}
		return nil
	})
	ctx := s.soon()
	s.together(workers, func(worker int) error {
		for round := range rounds {
			if worker%2 == 0 {
				if err := s.View(ctx, count(accounts*each)); err != nil {
					return err
				}
				continue
			}
			err := s.Update(ctx, func(tx store.Tx) error {
				from, to := (worker+round)%accounts, (worker*round+1)%accounts
				return errors.Join(add(tx, "accounts", strconv.Itoa(from), -1), add(tx, "accounts", strconv.Itoa(to), 1))
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	s.view(count(accounts * each))
}

func count(want int) func(store.Tx) error {
	return func(tx store.Tx) error {
		sum := 0
		for row, err := range tx.Scan("accounts") {
			if err != nil {
				return err
			}
			n, err := strconv.Atoi(string(row.Value))
			if err != nil {
				return err
			}
			sum += n
		}
		if sum != want {
			return fmt.Errorf("accounts hold %d, want %d", sum, want)
		}
		return nil
	}
}
