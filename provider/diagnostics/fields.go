// SPDX-License-Identifier: MPL-2.0

package diagnostics

import "github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"

var shown = fields.Table{
	"state":         {Description: "The state: `running`, `paused`, `shutdown`, `crashed`, `suspended` or `pending`."},
	"driver":        {Description: "Nova's driver, `libvirt` for example."},
	"hypervisor":    {Description: "The hypervisor, `kvm` for example."},
	"hypervisor_os": {Description: "The operating system of the host."},
	"uptime":        {Of: fields.Number, Description: "How long the server has been running, in seconds."},
	"config_drive":  {Of: fields.Flag, Description: "Whether the guest gets its metadata on a disk as well."},
	"num_cpus":      {Of: fields.Number, Description: "The number of virtual processors."},
	"num_disks":     {Of: fields.Number, Description: "The number of disks."},
	"num_nics":      {Of: fields.Number, Description: "The number of network cards."},
	"memory":        {Of: fields.Object, From: "memory_details", Fields: memory, Description: "The memory."},
	"cpus":          {Of: fields.Rows, From: "cpu_details", Fields: cpus, Description: "The virtual processors."},
	"disks":         {Of: fields.Rows, From: "disk_details", Fields: disks, Description: "The disks."},
	"nics":          {Of: fields.Rows, From: "nic_details", Fields: nics, Description: "The network cards."},
	"raw": {
		Of: fields.Texts, Description: "What clouds before microversion 2.48 show, in the words of their driver; null on newer ones.",
	},
}

var memory = fields.Table{
	"maximum": {Of: fields.Number, Description: "What the server may have, in MiB."},
	"used":    {Of: fields.Number, Description: "What it uses, in MiB."},
}

var cpus = fields.Table{
	"id":          {Of: fields.Number, Description: "The number, from 0."},
	"time":        {Of: fields.Number, Description: "How long it has been busy, in nanoseconds."},
	"utilisation": {Of: fields.Number, Description: "How busy it is, in percent."},
}

var disks = fields.Table{
	"read_bytes":     {Of: fields.Number, Description: "The bytes that were read."},
	"read_requests":  {Of: fields.Number, Description: "The number of reads."},
	"write_bytes":    {Of: fields.Number, Description: "The bytes that were written."},
	"write_requests": {Of: fields.Number, Description: "The number of writes."},
	"errors_count":   {Of: fields.Number, Description: "The number of errors."},
}

var nics = fields.Table{
	"mac":        {From: "mac_address", Description: "The MAC address."},
	"rx_octets":  {Of: fields.Number, Description: "The bytes that came in."},
	"rx_packets": {Of: fields.Number, Description: "The packets that came in."},
	"rx_errors":  {Of: fields.Number, Description: "The packets that came in broken."},
	"rx_drop":    {Of: fields.Number, Description: "The packets that came in and were dropped."},
	"rx_rate":    {Of: fields.Number, Description: "The rate of what comes in, in bytes per second."},
	"tx_octets":  {Of: fields.Number, Description: "The bytes that went out."},
	"tx_packets": {Of: fields.Number, Description: "The packets that went out."},
	"tx_errors":  {Of: fields.Number, Description: "The packets that failed to go out."},
	"tx_drop":    {Of: fields.Number, Description: "The packets that were to go out and were dropped."},
	"tx_rate":    {Of: fields.Number, Description: "The rate of what goes out, in bytes per second."},
}
