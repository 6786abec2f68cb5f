// SPDX-License-Identifier: MPL-2.0

package network

import "github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"

var _ driver.PortMeter = (*Fabric)(nil)

// PortUse is PortStats as drivers tell of NICs; ErrNotPlugged of a port that is not.
func (f *Fabric) PortUse(portID string) (driver.NICUse, error) {
	s, err := f.PortStats(portID)
	return driver.NICUse{
		RxBytes: int64(s.RxBytes), RxPackets: int64(s.RxFrames), RxDropped: int64(s.RxDropped),
		TxBytes: int64(s.TxBytes), TxPackets: int64(s.TxFrames), TxDropped: int64(s.TxDropped),
	}, err
}
