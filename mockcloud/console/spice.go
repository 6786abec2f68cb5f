// SPDX-License-Identifier: MPL-2.0

package console

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
)

// A viewer of SPICE opens a connection for its session, the main channel, on which the server tells the session's
// number, and then one for each other channel, which says that number. All come with the one token: the first uses
// it up, and for as long as that one is open the token is good for channels of its session. Nova's is good for
// anything until its time is over.

// session is where the SPICE session that the token opened is served, while it is open.
func (p *Proxy) session(token string) (at Place, open bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, open = p.sessions[token]
	return at, open
}

// keepSession lets channels of a session in until end is called.
func (p *Proxy) keepSession(token string, at Place) (end func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sessions[token] = at
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.sessions, token)
	}
}

// link begins what a client of SPICE says on a connection: SpiceLinkHeader, and of SpiceLinkMess as much as tells
// the channel.
type link struct {
	Magic               [4]byte
	Major, Minor, Size  uint32
	ConnectionID        uint32 // the session's; 0 asks for one
	ChannelType, Number uint8
}

const mainChannel = 1 // SPICE_CHANNEL_MAIN

// serveChannel bridges another connection of a session that is open. The main channel would be another session, to
// which the first would have to give way; that the number is the session's, the server sees to.
func serveChannel(ctx context.Context, at Place, near viewer) error {
	said := make([]byte, binary.Size(link{}))
	if err := near.await(said); err != nil {
		return fmt.Errorf("%w: %w", ErrNoToken, err)
	}
	var asked link
	if _, err := binary.Decode(said, binary.LittleEndian, &asked); err != nil {
		return err
	}
	if string(asked.Magic[:]) != "REDQ" || asked.ChannelType == mainChannel || asked.ConnectionID == 0 {
		return ErrNoToken // it has been used
	}
	far, err := at.dial(ctx)
	if err != nil {
		return err
	}
	if _, err := far.Write(said); err != nil {
		return errors.Join(err, far.Close())
	}
	bridge(near, far)
	return nil
}
