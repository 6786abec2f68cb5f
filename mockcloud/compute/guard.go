// SPDX-License-Identifier: MPL-2.0

package compute

import "slices"

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

// imageable are the states in which an image of a server can be made.
var imageable = []VMState{Active, Stopped, Paused, Suspended}

// volumeStates are those of servers whose volumes come and go.
var volumeStates = []VMState{Active, Paused, Stopped, Resized, SoftDeleted, Shelved, ShelvedOffloaded}

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
	"delete":                 {anyTask: true, unlaunched: true, lockable: true},
	"backup":                 {vm: imageable},
	"snapshot":               {vm: imageable},
	"pause":                  {vm: []VMState{Active}, lockable: true},
	"unpause":                {vm: []VMState{Paused}, lockable: true},
	"suspend":                {vm: []VMState{Active}, lockable: true},
	"resume":                 {vm: []VMState{Suspended}, lockable: true},
	"rescue":                 {vm: []VMState{Active, Stopped, Error}, lockable: true},
	"unrescue":               {vm: []VMState{Rescued}, lockable: true},
	"rebuild":                {vm: []VMState{Active, Stopped, Error}, lockable: true},
	"set_admin_password":     {vm: []VMState{Active}, lockable: true},
	"trigger_crash_dump":     {vm: []VMState{Active, Paused, Rescued, Resized, Error}, lockable: true},
	"soft_delete":            {anyTask: true, lockable: true},
	"restore":                {vm: []VMState{SoftDeleted}, lockable: true},
	"force_delete":           {anyTask: true, unlaunched: true, lockable: true},
	"resize":                 {vm: []VMState{Active, Stopped}, lockable: true},
	"confirm_resize":         {vm: []VMState{Resized}, lockable: true},
	"revert_resize":          {vm: []VMState{Resized}, lockable: true},
	"shelve":                 {vm: imageable, lockable: true},
	"shelve_offload":         {vm: []VMState{Shelved}, lockable: true},
	"unshelve":               {vm: []VMState{Shelved, ShelvedOffloaded}, lockable: true},
	"live_migrate":           {vm: []VMState{Active, Paused}, lockable: true},
	"evacuate":               {vm: []VMState{Active, Stopped, Error}, anyTask: true},
	"attach_interface":       {vm: []VMState{Active, Paused, Stopped}, lockable: true},
	"detach_interface":       {vm: []VMState{Active, Paused, Stopped}, lockable: true},
	"attach_volume":          {vm: volumeStates, lockable: true},
	"detach_volume":          {vm: volumeStates, lockable: true},
	"swap_volume":            {vm: []VMState{Active, Paused, Resized}, lockable: true},
	"snapshot_volume_backed": {vm: imageable},
	"live_migrate_abort":     {tasks: []TaskState{Migrating}, lockable: true},
	"live_migrate_force_complete": {
		vm: []VMState{Active}, tasks: []TaskState{Migrating}, lockable: true,
	},
	"update_instance_metadata": {
		vm: []VMState{Active, Paused, Suspended, Stopped}, anyTask: true, lockable: true,
	},
	"delete_instance_metadata": {
		vm: []VMState{Active, Paused, Suspended, Stopped}, anyTask: true, lockable: true,
	},
}

// check refuses an action whose guard the instance does not pass. action is the API's name for it.
func (g guard) check(inst *Instance, caller Caller, action string) error {
	invalid := func(attr, state string) error {
		return &InstanceInvalidState{InstanceID: inst.ID, Action: action, Attr: attr, State: state}
	}
	switch {
	case len(inst.Shares) > 0 && slices.Contains(shareless, action):
		return refuse(Conflict, "Feature not supported with instances that have shares.")
	case g.lockable && inst.Locked && !caller.Admin:
		return &InstanceIsLocked{InstanceID: inst.ID}
	case g.host && inst.Host == "":
		return &InstanceNotReady{InstanceID: inst.ID}
	case g.vm != nil && !slices.Contains(g.vm, inst.VMState):
		return invalid("vm_state", string(inst.VMState))
	case !g.anyTask && !g.allowsTask(inst.TaskState):
		return invalid("task_state", string(inst.TaskState))
	case !g.unlaunched && inst.LaunchedAt == nil:
		return invalid("launched_at", "")
	}
	return nil
}

func (g guard) allowsTask(task TaskState) bool {
	if g.tasks == nil {
		return task == NoTask
	}
	return slices.Contains(g.tasks, task)
}
