// SPDX-License-Identifier: MPL-2.0

package hypervisor

import "github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"

var shown = fields.Table{
	"id":                   {Description: "The id: a UUID since microversion 2.53, a number before."},
	"hostname":             {From: "hypervisor_hostname", Description: "The hypervisor's own name for its host."},
	"type":                 {From: "hypervisor_type", Description: "The type: `QEMU`, `ironic` ..."},
	"version":              {Of: fields.Number, From: "hypervisor_version", Description: "The version, as one number."},
	"host":                 {From: "service.host", Description: "The name of its compute service."},
	"host_ip":              {Description: "The address of the host."},
	"service_id":           {From: "service.id", Description: "The id of its compute service."},
	"disabled_reason":      {From: "service.disabled_reason", Description: "Why its compute service is disabled, as whoever did it says."},
	"status":               {Description: "Whether its compute service is `enabled` or `disabled`."},
	"state":                {Description: "Whether its compute service is `up` or `down`."},
	"vcpus":                {Of: fields.Number, Description: "The number of processors."},
	"vcpus_used":           {Of: fields.Number, Description: "The number of virtual processors of its servers."},
	"memory_mb":            {Of: fields.Number, Description: "The memory in MiB."},
	"memory_mb_used":       {Of: fields.Number, Description: "The memory that is taken, in MiB."},
	"free_ram_mb":          {Of: fields.Number, Description: "The memory that is not taken, in MiB; below 0 where more is promised than there is."},
	"local_gb":             {Of: fields.Number, Description: "The disk in GiB."},
	"local_gb_used":        {Of: fields.Number, Description: "The disk that is taken, in GiB."},
	"free_disk_gb":         {Of: fields.Number, Description: "The disk that is not taken, in GiB."},
	"disk_available_least": {Of: fields.Number, Description: "The disk that is left if all servers fill theirs, in GiB."},
	"running_vms":          {Of: fields.Number, Description: "The number of servers there."},
	"current_workload":     {Of: fields.Number, Description: "The number of servers that are being built, resized or migrated."},
	"cpu_info":             {Of: fields.Object, Fields: cpuFields, Description: "The processor."},
	"servers": {
		Of: fields.Rows, Fields: serverFields,
		Description: "The servers there, null unless there are some and `with_servers` asks for them.",
	},
}

var cpuFields = fields.Table{
	"arch":     {Description: "The architecture, `x86_64` for example."},
	"model":    {Description: "The model."},
	"vendor":   {Description: "The vendor."},
	"features": {Of: fields.Set, Description: "The features, by the names of flags."},
	"sockets":  {Of: fields.Number, From: "topology.sockets", Description: "The number of sockets."},
	"cores":    {Of: fields.Number, From: "topology.cores", Description: "The number of cores of each socket."},
	"threads":  {Of: fields.Number, From: "topology.threads", Description: "The number of threads of each core."},
}

var serverFields = fields.Table{
	"id":   {From: "uuid", Description: "The id."},
	"name": {Description: "The name that the hypervisor knows it by."},
}

// detail takes a call of its own.
var detail = fields.Table{
	"uptime": {Description: "What the host says of its uptime and load; null while it cannot be asked, and for drivers that do not tell."},
}
