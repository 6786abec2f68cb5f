// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"slices"
	"strings"
)

// anyTaskState is the task_state of a statuses row that holds for every task without a row of its own.
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

// StatesOf are the vm_states and task_states that a filter by those statuses selects, in Nova's way:
// the instances in any of the vm_states and, unless tasks is nil, in any of the task_states. No
// vm_state: none of the statuses exists.
func StatesOf(wanted ...string) (vms []VMState, tasks []TaskState) {
	anyTask := false
	for vm, row := range statuses {
		for task, status := range row {
			if !slices.ContainsFunc(wanted, func(w string) bool { return strings.EqualFold(w, status) }) {
				continue
			}
			vms = append(vms, vm)
			tasks = append(tasks, task)
			anyTask = anyTask || task == anyTaskState
		}
	}
	slices.Sort(vms)
	slices.Sort(tasks)
	if anyTask {
		return slices.Compact(vms), nil
	}
	return slices.Compact(vms), slices.Compact(tasks)
}
