// SPDX-License-Identifier: MPL-2.0

package qmp

import "context"

// feedSize is how many events a subscriber may be behind. QEMU limits the rate of the frequent ones
// itself; who does not read a thousand reads none.
const feedSize = 1024

// feed is one subscriber's.
type feed struct {
	events  chan Event
	stop    func() bool // ends the watch of the subscriber's context
	dropped int
}

// Events subscribes until ctx ends or the connection does, either of which closes the channel. Each
// subscriber gets each event, in order; one that is feedSize events behind loses the newest, which is
// logged, and holds up nobody. Subscribing before Connect misses nothing.
func (c *Client) Events(ctx context.Context) (<-chan Event, error) {
	f := &feed{events: make(chan Event, feedSize)}
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.done:
		return nil, c.closedLocked()
	default:
	}
	c.feeds[f] = struct{}{}
	f.stop = context.AfterFunc(ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.drop(f)
	})
	return f.events, nil
}

// publish and drop are called with the lock held, so that none sends on a closed channel.
func (c *Client) publish(e Event) {
	for f := range c.feeds {
		select {
		case f.events <- e:
		default:
			if f.dropped++; f.dropped == 1 {
				c.opts.Log.Warn("a subscriber does not read its QMP events", "socket", c.path, "event", e.Event)
			}
		}
	}
}

func (c *Client) drop(f *feed) {
	if _, ok := c.feeds[f]; ok {
		delete(c.feeds, f)
		f.stop()
		close(f.events)
	}
}
