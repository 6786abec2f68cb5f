// SPDX-License-Identifier: MPL-2.0

package network

import (
	"time"

	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// flowState is how far a flow has got.
type flowState uint8

// States of flows. Those of TCP are Linux's; its windows are not watched.
const (
	asked    flowState = iota // one side alone has sent
	answered                  // both have
	stream                    // they go on
	stateFragment
	tcpSynSent
	tcpSynReceived
	tcpEstablished
	tcpPickedUp   // in the middle: what was before is not known
	tcpFoundAgain // by what came in to a guest that has outlived the process, and has said nothing yet
	tcpFinFromOpener
	tcpFinFromOther
	tcpTimeWait
	tcpClosed
)

// flowTimeouts are Linux's defaults (nf_conntrack_*_timeout*).
var flowTimeouts = [...]time.Duration{
	asked: 30 * time.Second, answered: 30 * time.Second, stream: 2 * time.Minute, stateFragment: 30 * time.Second,
	tcpSynSent: 2 * time.Minute, tcpSynReceived: time.Minute,
	tcpEstablished: 5 * 24 * time.Hour, tcpPickedUp: 5 * time.Minute, tcpFoundAgain: 5 * time.Minute,
	tcpFinFromOpener: 2 * time.Minute, tcpFinFromOther: time.Minute, tcpTimeWait: 2 * time.Minute, tcpClosed: 10 * time.Second,
}

func (s flowState) timeout() time.Duration { return flowTimeouts[s] }

// over tells whether the next opening begins another flow. Behind what was only found again it always does: the
// guest has not said that there was anything.
func (s flowState) over() bool { return s == tcpTimeWait || s == tcpClosed || s == tcpFoundAgain }

// assured tells whether both sides have spoken and not finished.
func (s flowState) assured() bool {
	switch s {
	case stream, tcpEstablished, tcpFinFromOpener, tcpFinFromOther:
		return true
	default:
		return false
	}
}

// opens tells whether p is the first packet of a TCP connection.
func (p *packet) opens() bool {
	return p.protocol == protocolTCP && p.tcpFlags()&(header.TCPFlagSyn|header.TCPFlagAck) == header.TCPFlagSyn
}

// firstState is that of a flow which begins with p; false when none can. A TCP connection is picked up in
// the middle by a plain acknowledgement, as Linux does, if a rule would let it begin.
func (p *packet) firstState() (flowState, bool) {
	if p.protocol == protocolTCP {
		switch p.tcpFlags() & (header.TCPFlagSyn | header.TCPFlagAck | header.TCPFlagRst | header.TCPFlagFin) {
		case header.TCPFlagSyn:
			return tcpSynSent, true
		case header.TCPFlagAck:
			return tcpPickedUp, true
		default:
			return 0, false
		}
	}
	if p.isICMP() {
		request, _ := p.echo()
		return asked, p.kind == request
	}
	return asked, true
}

// after is the state once p has passed; forth tells that the flow's opener sent it.
func (s flowState) after(p *packet, forth bool) flowState {
	if p.protocol != protocolTCP {
		return s.afterDatagram(p, forth)
	}
	flags := p.tcpFlags()
	switch {
	case s == tcpFoundAgain && !forth:
		return s
	case flags.Contains(header.TCPFlagRst):
		return tcpClosed
	case flags.Contains(header.TCPFlagFin):
		return s.afterFin(forth)
	case flags.Contains(header.TCPFlagSyn):
		if s == tcpSynSent && !forth {
			return tcpSynReceived
		}
	case s == tcpSynReceived && forth, s == tcpPickedUp && !forth, s == tcpFoundAgain && forth:
		return tcpEstablished
	}
	return s
}

func (s flowState) afterDatagram(p *packet, forth bool) flowState {
	switch {
	case p.isICMP(): // each echo is alone
		return s
	case s == asked && !forth:
		return answered
	case s == answered && forth:
		return stream
	default:
		return s
	}
}

func (s flowState) afterFin(forth bool) flowState {
	switch {
	case s == tcpFinFromOther && forth, s == tcpFinFromOpener && !forth, s == tcpTimeWait:
		return tcpTimeWait
	case s == tcpClosed:
		return tcpClosed
	case forth:
		return tcpFinFromOpener
	default:
		return tcpFinFromOther
	}
}
