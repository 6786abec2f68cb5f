// SPDX-License-Identifier: MPL-2.0

package server

import "github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"

var addressFields = fields.Table{
	"network": {Of: fields.Text, Description: "The name of the network."},
	"address": {Of: fields.Text, Description: "The address."},
	"version": {Of: fields.Number, Description: "4 or 6."},
	"type":    {Of: fields.Text, Description: "`fixed` or `floating`."},
	"mac":     {Of: fields.Text, Description: "The MAC address of the interface."},
}

var flavorFields = fields.Table{
	"name":        {Of: fields.Text, Description: "The name that the flavor had."},
	"vcpus":       {Of: fields.Number, Description: "The number of virtual processors."},
	"ram":         {Of: fields.Number, Description: "The memory in MiB."},
	"disk":        {Of: fields.Number, Description: "The root disk in GiB."},
	"ephemeral":   {Of: fields.Number, Description: "The second disk in GiB."},
	"swap":        {Of: fields.Number, Description: "The swap disk in MiB."},
	"extra_specs": {Of: fields.Texts, Description: "The extra specs, as far as the user may see them."},
}

var faultFields = fields.Table{
	"code":    {Of: fields.Number, Description: "The kind of failure, as an HTTP status."},
	"message": {Of: fields.Text, Description: "What went wrong."},
	"created": {Of: fields.Text, Description: "When, in RFC 3339."},
}

var shownFields = fields.Table{
	"status":              {Of: fields.Text, Description: "The status: `ACTIVE`, `SHUTOFF`, `ERROR` ..."},
	"vm_state":            {Of: fields.Text, Description: "What the server's state is underneath its status: `active`, `stopped` ..."},
	"addresses":           {Of: fields.Rows, Fields: addressFields, Description: "All addresses, sorted by network."},
	"all_metadata":        {Of: fields.Texts, Description: "All metadata, including what others set."},
	"flavor":              {Of: fields.Object, Fields: flavorFields, Description: "What the server's flavor held when the server got it. Needs microversion 2.47."},
	"fault":               {Of: fields.Object, Fields: faultFields, Description: "Why the server is in `ERROR`."},
	"locked":              {Of: fields.Flag, Description: "Whether the server is locked against changes. Needs microversion 2.9."},
	"project_id":          {Of: fields.Text, Fixed: true, Description: "The id of the project that owns the server."},
	"user_id":             {Of: fields.Text, Fixed: true, Description: "The id of the user who created it."},
	"host_id":             {Of: fields.Text, Description: "A hash of host and project, which tells whether two servers share a host."},
	"host":                {Of: fields.Text, Description: "The compute host. Shown to administrators."},
	"hypervisor_hostname": {Of: fields.Text, Description: "The hypervisor's name for the host. Shown to administrators."},
	"instance_name":       {Of: fields.Text, Fixed: true, Description: "The hypervisor's name for the server. Shown to administrators."},
	"created":             {Of: fields.Text, Fixed: true, Description: "When the server was created, in RFC 3339."},
	"updated":             {Of: fields.Text, Description: "When the server was last changed, in RFC 3339."},
	"launched_at":         {Of: fields.Text, Description: "When the guest was first started, in RFC 3339."},
}
