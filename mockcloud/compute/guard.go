// SPDX-License-Identifier: MPL-2.0

package compute

// guard is what an action demands of an instance before it begins (Nova: check_instance_lock,
// check_instance_host and check_instance_state on the methods of compute/api.py).
type guard struct {
	vm []VMState // nil: any
	// tasks may be under way; nil: none but NoTask. anyTask: any.
	tasks   []TaskState
	anyTask bool
	// unlaunched: also an instance that never ran.
	unlaunched bool
	// lockable: a lock holds it up.
	lockable bool
	// host: the instance must have one.
	host bool
}

// guards are what the actions demand, by Nova's names for them.
var guards = map[string]guard{
	"start":        {vm: []VMState{Stopped}, lockable: true, host: true},
	"stop":         {vm: []VMState{Active, Error}, lockable: true, host: true},
	"_soft_reboot": {vm: []VMState{Active}, lockable: true},
	"_hard_reboot": {
		vm: []VMState{Active, Stopped, Paused, Suspended, Error},
		tasks: []TaskState{
			NoTask, Rebooting, RebootPending, RebootStarted, Resuming, RebootingHard, Unpausing, Pausing, Suspending,
		},
		lockable: true,
	},
	"delete":       {anyTask: true, unlaunched: true, lockable: true},
	"force_delete": {anyTask: true, unlaunched: true, lockable: true},
	"update_instance_metadata": {
		vm: []VMState{Active, Paused, Suspended, Stopped}, anyTask: true, lockable: true,
	},
	"delete_instance_metadata": {
		vm: []VMState{Active, Paused, Suspended, Stopped}, anyTask: true, lockable: true,
	},
}
