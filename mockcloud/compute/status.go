// SPDX-License-Identifier: MPL-2.0

package compute

import "slices"

// any is the task_state of a statuses row that holds for every task without a row of its own.
const anyTaskState TaskState = "*"

// statuses is the API's status of each (vm_state, task_state).
var statuses = map[VMState]map[TaskState]string{
	Active: {
		anyTaskState:              "ACTIVE",
		Rebooting:                 "REBOOT",
		RebootPending:             "REBOOT",
		RebootStarted:             "REBOOT",
		RebootingHard:             "HARD_REBOOT",
		RebootPendingHard:         "HARD_REBOOT",
		RebootStartedHard:         "HARD_REBOOT",
		UpdatingPassword:          "PASSWORD",
		Rebuilding:                "REBUILD",
		RebuildBlockDeviceMapping: "REBUILD",
		RebuildSpawning:           "REBUILD",
		Migrating:                 "MIGRATING",
		ResizePrep:                "RESIZE",
		ResizeMigrating:           "RESIZE",
		ResizeMigrated:            "RESIZE",
		ResizeFinish:              "RESIZE",
	},
	Building: {anyTaskState: "BUILD"},
	Stopped: {
		anyTaskState:              "SHUTOFF",
		ResizePrep:                "RESIZE",
		ResizeMigrating:           "RESIZE",
		ResizeMigrated:            "RESIZE",
		ResizeFinish:              "RESIZE",
		Rebuilding:                "REBUILD",
		RebuildBlockDeviceMapping: "REBUILD",
		RebuildSpawning:           "REBUILD",
	},
	Resized:   {anyTaskState: "VERIFY_RESIZE", ResizeReverting: "REVERT_RESIZE"},
	Paused:    {anyTaskState: "PAUSED", Migrating: "MIGRATING"},
	Suspended: {anyTaskState: "SUSPENDED"},
	Rescued:   {anyTaskState: "RESCUE"},
	Error: {
		anyTaskState:              "ERROR",
		Rebuilding:                "REBUILD",
		RebuildBlockDeviceMapping: "REBUILD",
		RebuildSpawning:           "REBUILD",
	},
	Deleted:          {anyTaskState: "DELETED"},
	SoftDeleted:      {anyTaskState: "SOFT_DELETED"},
	Shelved:          {anyTaskState: "SHELVED"},
	ShelvedOffloaded: {anyTaskState: "SHELVED_OFFLOADED"},
}

// Status is the API's status of an instance in those states: "ACTIVE". "UNKNOWN" for a vm_state that
// Nova does not have.
func Status(vm VMState, task TaskState) string {
	tasks, known := statuses[vm]
	if !known {
		return "UNKNOWN"
	}
	if status, special := tasks[task]; special {
		return status
	}
	return tasks[anyTaskState]
}

// VMStatesOf are the vm_states in which a server can have that status, sorted: what ?status= selects
// by. Empty for a status that does not exist.
func VMStatesOf(status string) []VMState {
	var states []VMState
	for vm, tasks := range statuses {
		for _, s := range tasks {
			if s == status {
				states = append(states, vm)
				break
			}
		}
	}
	slices.Sort(states)
	return states
}
