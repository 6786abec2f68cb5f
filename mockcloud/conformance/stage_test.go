// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"fmt"
	"maps"
	"testing"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
)

// stage is a cloud on which single operations are done, each on a scene that the steps before it in its walk have made.
type stage struct {
	contract *contract
	served   map[string]bool
	// owner is an administrator of the project that everything belongs to, which vars name.
	owner *session
	vars  map[string]string
	// cloud is the administrator of the whole.
	cloud *session
}

// open starts the cloud, with a project of its own for what is done there.
func (st *stage) open(t *testing.T, more ...cloudtest.Option) *cloudtest.Cloud {
	t.Helper()
	st.contract = readContract(t)
	cloud := cloudtest.Start(t, append([]cloudtest.Option{roomy(t)}, more...)...)
	st.served = servedBy(cloud)
	st.cloud = login(t, cloud.URL, cloud.Password("admin"))
	project := st.cloud.made("/identity/v3/projects", "project", object{"name": "theirs", "domain_id": "default"})
	st.owner = st.cloud.newCaller("owner", "projects/"+project, "admin").session
	st.vars = environment(t, st.owner)
	return cloud
}

// find is the walk that does an operation at a microversion, and at which step.
func (st *stage) find(key string, at int, in string) (*walk, int) {
	for _, walk := range walks() {
		if in != "" && walk.name != in {
			continue
		}
		for i, s := range walk.steps {
			if o := st.contract.byKey[s.op]; o != nil && o.shape() == key && s.by == 0 && o.has(at) && s.has(at) {
				return &walk, i
			}
		}
	}
	return nil, 0
}

// prepare does the steps of a walk before one.
func (st *stage) prepare(t *testing.T, w *walk, i, at int) *walker {
	t.Helper()
	scene := &walker{session: st.owner.at(t, at), contract: st.contract, served: st.served, vars: maps.Clone(st.vars)}
	id := uuid.New()
	scene.vars["n"] = id.String()[:8]
	scene.vars["ip"] = fmt.Sprintf("10.77.%d.%d", 128+id[0]%128, 1+id[1]%250)
	scene.vars["lan"] = fmt.Sprintf("10.%d.%d", 128+id[2]%128, id[3])
	t.Cleanup(func() {
		for _, s := range w.steps[i:] {
			if s.undo {
				after := *scene
				after.session = st.owner.at(st.owner.t, at)
				after.take(s)
			}
		}
	})
	for _, s := range w.steps[:i] {
		scene.take(s)
	}
	return scene
}

// reply is an answer.
type reply struct {
	status int
	body   []byte
}

// by has somebody else do a step.
func (w *walker) by(c caller, s step) reply {
	w.t.Helper()
	as := c.at(w.t, w.version)
	method, path, body := w.request(s)
	status, _, text := as.sendRaw(method, path, body)
	return reply{status, text}
}
