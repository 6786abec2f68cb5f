// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

type thing struct{ id string }

// things make every third one without telling, and refuse every fifth attempt without telling.
type things struct {
	mu    sync.Mutex
	tries int
	made  []thing
}

func (s *things) create(context.Context) (*thing, error) {
	time.Sleep(time.Second) // of the bubble's clock
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tries++
	if s.tries%5 == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	made := thing{fmt.Sprint(len(s.made))}
	s.made = append(s.made, made)
	if s.tries%3 == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return &made, nil
}

func (s *things) list(context.Context) ([]thing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.made), nil
}

// TestOnceAmong: creates of the same kind at the same time get one object each, and leave none over.
func TestOnceAmong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &Client{clock: wait.Wall{}, retries: 10, backoff: wait.Backoff{First: time.Second, Factor: 1.5, Max: time.Minute, Jitter: 0.3}}
		cloud := &things{made: []thing{{"an older one"}}}
		const creates = 40
		var mu sync.Mutex
		got := map[string]int{}
		var all sync.WaitGroup
		for range creates {
			all.Go(func() {
				made, err := OnceAmong(t.Context(), c, cloud.create, cloud.list, func(t *thing) string { return t.id })
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				got[made.id]++
			})
		}
		all.Wait()
		if len(got) != creates || len(cloud.made) != creates+1 || got["an older one"] != 0 {
			t.Errorf("%d creates got %d objects of %d that there are", creates, len(got), len(cloud.made)-1)
		}
	})
}
