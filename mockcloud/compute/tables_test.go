// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
)

// facts are what states.json says of the real Nova.
type facts struct {
	Status  map[VMState]map[string]string
	Actions map[string]struct {
		Allowed []struct {
			VMStates   json.RawMessage `json:"vm_state"`
			TaskStates json.RawMessage `json:"task_state"`
			Launched   *bool           `json:"must_have_launched"`
		}
		Lock bool `json:"blocked_when_locked"`
	}
}

func novaFacts(t *testing.T) facts {
	t.Helper()
	content, err := os.ReadFile("../../../shared/nova/states.json")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the facts about Nova are not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	var f facts
	if err := json.Unmarshal(content, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestStatusesAreNovas(t *testing.T) {
	t.Parallel()
	want := novaFacts(t).Status
	if len(want) != len(statuses) {
		t.Errorf("%d vm_states, want %d", len(statuses), len(want))
	}
	for vm, tasks := range want {
		if len(tasks) != len(statuses[vm]) {
			t.Errorf("%s has %d rows, want %d", vm, len(statuses[vm]), len(tasks))
		}
		for task, status := range tasks {
			if task == "default" {
				task = "anything else"
			}
			if got := Status(vm, TaskState(task)); got != status {
				t.Errorf("%s/%s is %s, want %s", vm, task, got, status)
			}
		}
	}
}

func TestStatesOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		statuses []string
		vms      []VMState
		tasks    []TaskState
	}{
		{[]string{"ACTIVE"}, []VMState{Active}, nil},
		{[]string{"active", "error"}, []VMState{Active, Error}, nil},
		{[]string{"REBOOT"}, []VMState{Active}, []TaskState{RebootPending, RebootStarted, Rebooting}},
		{[]string{"RESIZE"}, []VMState{Active, Stopped}, []TaskState{ResizeFinish, ResizeMigrated, ResizeMigrating, ResizePrep}},
		{[]string{"nonsense"}, nil, nil},
	} {
		vms, tasks := StatesOf(test.statuses...)
		if !slices.Equal(vms, test.vms) || !slices.Equal(tasks, test.tasks) {
			t.Errorf("%v are %v, %v, want %v, %v", test.statuses, vms, tasks, test.vms, test.tasks)
		}
	}
}

// named are the lists that states.json only names.
var named = map[string][]VMState{
	"set(vm_states.ALLOW_SOFT_REBOOT)": {Active},
	"set(vm_states.ALLOW_HARD_REBOOT)": {Active, Stopped, Paused, Suspended, Error},
}

// states reads a list, the name of one, or null; given tells them from nothing at all.
func states[S ~string](t *testing.T, raw json.RawMessage) (list []S, given bool) {
	t.Helper()
	if raw == nil {
		return nil, false
	}
	var name string
	if json.Unmarshal(raw, &name) == nil && name != "" {
		for _, s := range named[name] {
			list = append(list, S(s))
		}
		return list, true
	}
	var items []*S
	if err := json.Unmarshal(raw, &items); err != nil {
		t.Fatal(err)
	}
	for _, item := range items {
		if item == nil {
			item = new(S)
		}
		list = append(list, *item)
	}
	return list, true
}

func TestGuardsAreNovas(t *testing.T) {
	t.Parallel()
	want := novaFacts(t).Actions
	same := func(a, b []string) bool {
		slices.Sort(a)
		slices.Sort(b)
		return slices.Equal(a, b)
	}
	for name, g := range guards {
		fact, known := want[name]
		if !known || len(fact.Allowed) != 1 {
			t.Errorf("%s is no action of Nova's", name)
			continue
		}
		// A reboot's lock is checked before its type is known.
		locked := fact.Lock || strings.HasSuffix(name, "_reboot") && want["reboot"].Lock
		if g.lockable != locked {
			t.Errorf("%s: held up by a lock: %v, want %v", name, g.lockable, locked)
		}
		allowed := fact.Allowed[0]
		if vms, _ := states[VMState](t, allowed.VMStates); !same(words(g.vm), words(vms)) {
			t.Errorf("%s: vm_states %v, want %v", name, g.vm, vms)
		}
		tasks, given := states[TaskState](t, allowed.TaskStates)
		anyTask := given && tasks == nil
		if !given || len(tasks) == 1 && tasks[0] == NoTask {
			tasks = nil
		}
		if g.anyTask != anyTask || !same(words(g.tasks), words(tasks)) {
			t.Errorf("%s: task_states %v (any: %v), want %v (any: %v)", name, g.tasks, g.anyTask, tasks, anyTask)
		}
		if launched := allowed.Launched == nil || *allowed.Launched; g.unlaunched == launched {
			t.Errorf("%s: must have launched: %v, want %v", name, !g.unlaunched, launched)
		}
	}
}

func words[S ~string](states []S) []string {
	var all []string
	for _, s := range states {
		all = append(all, string(s))
	}
	return all
}
