// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

const samplesDir = facts + "api_samples"

// Every documented exchange of what is served, at each microversion that documents it: requests succeed, and answers
// have the shape that the samples have.
func TestSamples(t *testing.T) {
	t.Parallel()
	st := &stage{}
	st.open(t)
	st.vars["key"] = publicKey
	member := st.cloud.newCaller("member", "projects/"+st.owner.project, "member")
	var replayed, all atomic.Int64
	t.Run("each", func(t *testing.T) {
		t.Parallel()
		for _, s := range samples() {
			t.Run(s.collection+" "+s.request+" "+s.answer+" "+s.how, func(t *testing.T) {
				if !s.alone(t, st) {
					t.Parallel()
				}
				as := st.owner
				if s.byMember() {
					as = member.session
				}
				s.replay(t, st, as, &replayed, &all)
			})
		}
	})
	t.Cleanup(func() {
		t.Logf("samples replayed: %d of %d", replayed.Load(), all.Load())
		holdFloor(t, "samples", int(replayed.Load()))
	})
}

// replay does the exchange at every microversion that has a file of it.
func (s *sample) replay(t *testing.T, st *stage, as *session, replayed, all *atomic.Int64) {
	o := st.contract.operation(t, s.op)
	requests, answers := versionsOf(t, s.collection, s.request), versionsOf(t, s.collection, s.answer)
	both := maps.Clone(requests)
	maps.Copy(both, answers)
	for _, at := range slices.Sorted(maps.Keys(both)) {
		raw, there := requests[newestUntil(requests, at)]
		if s.request != "" && !there || !o.has(at) || slices.Contains(refused[s.collection+"/"+s.request], at) {
			continue
		}
		all.Add(1)
		in := s.in()
		walk, i := st.find(o.shape(), at, in)
		if walk == nil {
			t.Fatalf("2.%d: no walk does %s", at, s.op)
		}
		if !st.served[o.shape()] || walk.needs != "" && !st.served[st.contract.operation(t, walk.needs).shape()] {
			continue
		}
		scene := st.prepare(t, walk, i, at)
		step := walk.steps[i]
		if !scene.can(step) {
			t.Logf("2.%d: not replayed: its walk cannot do %s there", at, s.op)
			continue
		}
		if of, is := strings.CutPrefix(s.how, "of="); is && at < 53 {
			step.of = of
		} else if !is && in == "" {
			step.query = s.how
		}
		step.body = scene.overlaid(t, raw, step.body, o.Action)
		got := scene.by(caller{session: as}, step)
		if got.status >= 300 {
			_, _, body := scene.request(step)
			t.Errorf("2.%d: %d: %s\nasked: %s", at, got.status, got.body, body)
			continue
		}
		if step.save != "" { // what is undone in the end is this, too
			scene.keep(step, got.body)
		}
		if sample, there := answers[at]; there && len(got.body) > 0 && !slices.Contains(anyShape[s.collection+"/"+s.answer], at) {
			compare(t, at, got.body, sample)
		}
		replayed.Add(1)
	}
}

// in is the walk in whose scene the sample is; "" is any.
func (s *sample) in() string {
	if in, is := strings.CutPrefix(s.how, "in="); is {
		return in
	}
	return ""
}

// alone reports whether the sample's walk wants the cloud to itself: it is replayed before those that run beside each
// other.
func (s *sample) alone(t *testing.T, st *stage) bool {
	walk, _ := st.find(st.contract.operation(t, s.op).shape(), 1, s.in())
	return walk != nil && walk.alone
}

// byMember reports whether who made the sample was no administrator.
func (s *sample) byMember() bool {
	return strings.Contains(s.answer, "non-admin") || strings.Contains(s.answer, "-user.json") ||
		s.collection == "os-server-shares" && !strings.Contains(s.answer, "admin")
}

// overlaid is the body of a sample with the scene's things for those that it names. What the walk's own body says of a
// scene, it says where the sample says something.
func (w *walker) overlaid(t *testing.T, raw []byte, own any, action string) any {
	t.Helper()
	if raw == nil {
		return nil
	}
	var body, walks any
	if err := json.Unmarshal(raw, &body); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(own)
	if err == nil {
		err = json.Unmarshal(text, &walks)
	}
	if err != nil {
		t.Fatal(err)
	}
	if action != "" {
		body = body.(object)[action]
	}
	return overlay("", body, walks)
}

func overlay(key string, sample, own any) any {
	if text, err := json.Marshal(own); err == nil && sample != nil && strings.Contains(string(text), "$") {
		if _, isObject := sample.(object); !isObject {
			return own
		}
	}
	if thing, known := things[key]; known && sample != nil {
		return thing
	}
	switch value := sample.(type) {
	case object:
		filled, has := object{}, object{}
		if own, is := own.(object); is {
			has = own
		}
		for k, v := range value {
			if thing, known := things[key+"/"+k]; known {
				filled[k] = thing
			} else {
				filled[k] = overlay(k, v, has[k])
			}
		}
		return filled
	case []any:
		filled := make([]any, len(value))
		for i, v := range value {
			filled[i] = overlay(key, v, nil)
		}
		return filled
	case string:
		if strings.HasPrefix(value, "%(") { // a placeholder that Nova's own documents forgot
			return "text"
		}
	}
	return sample
}

// things are what samples name under keys that say what it is.
var things = map[string]any{
	"imageRef": "$image", "rescue_image_ref": "$image", "flavorRef": "$flavor", "availability_zone": "nova", "same_host": "$mate",
	"uuid": "$image", "flavor/id": "walk-$n", "volumeAttachment/id": "$volume", "serverId": "$server", "ip_address": "$ip", "fixed_address": "$fixed", "host": "$host", "hypervisor_hostname": "$host", "tenant": "$project", "public_key": "$key", "user_id": "$user", "group": "$hint",
	"key_name": "$keypair", "port_id": "$free", "address": "$address", "networks": []object{{"uuid": "$network"}},
}

// versionsOf reads a file of a collection at each microversion that has it.
func versionsOf(t *testing.T, collection, name string) map[int][]byte {
	t.Helper()
	found := map[int][]byte{}
	if name == "" {
		return found
	}
	root := filepath.Join(samplesDir, collection)
	files, err := filepath.Glob(filepath.Join(root, "v2.*", name))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, filepath.Join(root, name)) {
		raw, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		found[minor(strings.TrimPrefix(filepath.Base(filepath.Dir(file)), "v"), 1)] = raw
	}
	if len(found) == 0 {
		t.Fatalf("no sample %s of %s", name, collection)
	}
	return found
}

// newestUntil is the newest version of a file that is not newer than n.
func newestUntil(files map[int][]byte, n int) int {
	newest := 0
	for v := range files {
		if v <= n {
			newest = max(newest, v)
		}
	}
	return newest
}

// Every sample is replayed, or excused with a reason.
func TestSamplesAreComplete(t *testing.T) {
	t.Parallel()
	readContract(t) // skips where the facts are not
	listed := map[string]bool{}
	for _, s := range samples() {
		listed[s.collection+"/"+s.request], listed[s.collection+"/"+s.answer] = true, true
	}
	err := filepath.WalkDir(samplesDir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(samplesDir, path)
		collection, _, _ := strings.Cut(name, "/")
		file := collection + "/" + filepath.Base(name)
		if !listed[file] && excused[file] == "" && excused[collection+"/"] == "" {
			t.Errorf("%s is neither replayed nor excused", file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
