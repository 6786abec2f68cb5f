// SPDX-License-Identifier: MPL-2.0

package compute

import "github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"

// VMState is an instance's stable state (Nova: compute/vm_states.py).
type VMState string

// The vm_states of an instance.
const (
	Active           VMState = "active"
	Building         VMState = "building"
	Paused           VMState = "paused"
	Suspended        VMState = "suspended"
	Stopped          VMState = "stopped"
	Rescued          VMState = "rescued"
	Resized          VMState = "resized"
	SoftDeleted      VMState = "soft-delete"
	Deleted          VMState = "deleted"
	Error            VMState = "error"
	Shelved          VMState = "shelved"
	ShelvedOffloaded VMState = "shelved_offloaded"
)

// TaskState is what is being done to an instance; NoTask when nothing is (Nova:
// compute/task_states.py, where that is None).
type TaskState string

// The task_states of an instance.
const (
	NoTask TaskState = ""

	Scheduling         TaskState = "scheduling"
	BlockDeviceMapping TaskState = "block_device_mapping"
	Networking         TaskState = "networking"
	Spawning           TaskState = "spawning"

	ImageSnapshot        TaskState = "image_snapshot"
	ImageSnapshotPending TaskState = "image_snapshot_pending"
	ImagePendingUpload   TaskState = "image_pending_upload"
	ImageUploading       TaskState = "image_uploading"
	ImageBackup          TaskState = "image_backup"

	UpdatingPassword TaskState = "updating_password"

	ResizePrep       TaskState = "resize_prep"
	ResizeMigrating  TaskState = "resize_migrating"
	ResizeMigrated   TaskState = "resize_migrated"
	ResizeFinish     TaskState = "resize_finish"
	ResizeReverting  TaskState = "resize_reverting"
	ResizeConfirming TaskState = "resize_confirming"

	Rebooting         TaskState = "rebooting"
	RebootPending     TaskState = "reboot_pending"
	RebootStarted     TaskState = "reboot_started"
	RebootingHard     TaskState = "rebooting_hard"
	RebootPendingHard TaskState = "reboot_pending_hard"
	RebootStartedHard TaskState = "reboot_started_hard"

	Pausing     TaskState = "pausing"
	Unpausing   TaskState = "unpausing"
	Suspending  TaskState = "suspending"
	Resuming    TaskState = "resuming"
	PoweringOff TaskState = "powering-off"
	PoweringOn  TaskState = "powering-on"
	Rescuing    TaskState = "rescuing"
	Unrescuing  TaskState = "unrescuing"

	Rebuilding                TaskState = "rebuilding"
	RebuildBlockDeviceMapping TaskState = "rebuild_block_device_mapping"
	RebuildSpawning           TaskState = "rebuild_spawning"

	Migrating    TaskState = "migrating"
	Deleting     TaskState = "deleting"
	SoftDeleting TaskState = "soft-deleting"
	Restoring    TaskState = "restoring"

	Shelving                   TaskState = "shelving"
	ShelvingImagePendingUpload TaskState = "shelving_image_pending_upload"
	ShelvingImageUploading     TaskState = "shelving_image_uploading"
	ShelvingOffloading         TaskState = "shelving_offloading"
	Unshelving                 TaskState = "unshelving"
)

// PowerState is what the machine did when it was last asked (Nova: compute/power_state.py). The
// numbers are the API's; 2 and 5 are unused.
type PowerState int

// The power_states of an instance.
const (
	PowerNoState   PowerState = 0
	PowerRunning   PowerState = 1
	PowerPaused    PowerState = 3
	PowerShutdown  PowerState = 4
	PowerCrashed   PowerState = 6
	PowerSuspended PowerState = 7
)

// powerStates is the power_state of a machine's state.
var powerStates = map[driver.State]PowerState{
	driver.NoState:   PowerNoState,
	driver.Running:   PowerRunning,
	driver.Paused:    PowerPaused,
	driver.Shutdown:  PowerShutdown,
	driver.Crashed:   PowerCrashed,
	driver.Suspended: PowerSuspended,
}
