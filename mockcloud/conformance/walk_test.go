// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// walk is what somebody may do in a day: steps, one after the other, at one microversion.
type walk struct {
	name string
	// every is at each microversion; otherwise at each at which a shape or a status of its operations begins.
	every bool
	// once is at the newest only: what can be done once to a cloud.
	once bool
	// alone keeps everything else from the cloud meanwhile: it takes hosts out of service, or makes networks.
	alone bool
	// needs is an operation without which the walk leads nowhere.
	needs string
	steps []step
}

// step is one request that has to succeed.
type step struct {
	// op is an operation of the contract ("POST /servers/{id}/action reboot"), or a request of a neighbour
	// ("POST /network/v2.0/ports").
	op string
	// of are the values of the path's variables, in order. They, query and body name what the walk has: "$server".
	of, query string
	// body of an action is what stands below its name.
	body any
	// versions are narrower than the operation's own; "" is all of those.
	versions string
	// by is a minor version other than the walk's, for what only prepares.
	by int
	// refused is the status with which each Nova of today refuses it; in the contract there is a success of it, too, which a
	// cloud has that is told to.
	refused int
	// undo is done in the end, come what may: it gives back what a step before it took, if that is to be had.
	undo bool
	// save keeps parts of the answer: "port=interfaceAttachment.port_id first=servers.0.id". What a GET is to tell is
	// awaited: that there is such a part, or that it is "state=migrations.0.status~running".
	save string
	// until is the status that $server comes to have, "gone" for none; or that of $volume or $snapshot: "volume in-use".
	until string
}

// elsewhere reports whether it is a neighbour's.
func (s *step) elsewhere() bool { return neighbours.MatchString(s.op) }

var neighbours = regexp.MustCompile(`^[A-Z]+ /(network|volume|image|identity|placement|mock)/`)

// names finds what a text needs of the walk.
var names = regexp.MustCompile(`\$[a-z]+`)

// walker is a walk under way.
type walker struct {
	*session
	contract *contract
	served   map[string]bool
	vars     map[string]string
	told     bool // whether the cloud does what Nova refuses
}

// has reports whether the walk has everything that a text names. It has not when the operation that gives it is not
// served at this microversion.
func (w *walker) has(text string) bool {
	return !slices.ContainsFunc(names.FindAllString(text, -1), func(name string) bool { return w.vars[name[1:]] == "" })
}

func (w *walker) filled(text string) string {
	return names.ReplaceAllStringFunc(text, func(name string) string { return w.vars[name[1:]] })
}

// request is the request of a step.
func (w *walker) request(s step) (method, path string, body []byte) {
	w.t.Helper()
	if s.elsewhere() {
		method, path, _ = strings.Cut(w.filled(s.op), " ")
	} else {
		o := w.contract.operation(w.t, s.op)
		method, path = o.Method, "/compute/v2.1"+o.path(strings.Fields(w.filled(s.of)))
		if o.Action != "" {
			s.body = object{o.Action: s.body}
		}
	}
	if s.query != "" {
		path += "?" + w.filled(s.query)
	}
	if s.body != nil {
		raw, err := json.Marshal(s.body)
		if err != nil {
			w.t.Fatal(err)
		}
		body = []byte(w.filled(string(raw)))
	}
	return method, path, body
}

// can reports whether a step can be done: it is served, and so was what it needs the answer of.
func (w *walker) can(s step) bool {
	if !s.elsewhere() {
		o := w.contract.operation(w.t, s.op)
		if !w.served[o.shape()] || s.by == 0 && !o.has(w.version) || !s.has(w.version) {
			return false
		}
	}
	body, err := json.Marshal(s.body)
	return err == nil && w.has(s.op+" "+s.of+" "+s.query+" "+string(body))
}

// take does one step; it skips what is not served.
func (w *walker) take(s step) {
	w.t.Helper()
	if !w.can(s) {
		return
	}
	method, path, body := w.request(s)
	session := *w.session
	if s.by != 0 {
		session.version = s.by
	}
	send := func() bool {
		status, _, text := session.sendRaw(method, path, body)
		if s.undo {
			return true
		}
		want := s.refused
		if w.told {
			want = 0
		}
		if want != 0 && status != want || want == 0 && status >= http.StatusMultipleChoices {
			w.t.Fatalf("%s %s %s: %d: %s", method, path, body, status, text)
		}
		return w.keep(s, text)
	}
	if !send() {
		w.poll(func() (string, bool) {
			return s.op + ": nothing there of " + s.save, method == http.MethodGet && send()
		})
	}
	w.wait(s)
}

// keep saves parts of the answer, if they are there: what is asked for may take a while to happen.
func (w *walker) keep(s step, answer []byte) bool {
	w.t.Helper()
	for assignment := range strings.FieldsSeq(s.save) {
		name, path, _ := strings.Cut(assignment, "=")
		path, awaited, _ := strings.Cut(path, "~")
		var value any
		if err := json.Unmarshal(answer, &value); err != nil {
			w.t.Fatalf("%s: %v: %s", s.op, err, answer)
		}
		for key := range strings.SplitSeq(path, ".") {
			switch at := value.(type) {
			case object:
				value = at[key]
			case []any:
				value = nil
				if n, err := strconv.Atoi(key); err == nil && n < len(at) {
					value = at[n]
				}
			}
		}
		switch value := value.(type) {
		case string:
			if awaited != "" && value != awaited {
				return false
			}
			w.vars[name] = value
			if token := consoleToken.FindStringSubmatch(value); token != nil {
				w.vars[name] = token[1]
			}
		case float64:
			w.vars[name] = strconv.FormatFloat(value, 'f', -1, 64)
		default:
			return false
		}
	}
	return true
}

// consoleToken is the secret in the address of a console.
var consoleToken = regexp.MustCompile(`token(?:=|%3D)([0-9A-Za-z-]+)$`)

func (w *walker) wait(s step) {
	w.t.Helper()
	switch kind, status, others := strings.Cut(s.until, " "); {
	case s.until == "":
	case s.until == "gone":
		w.untilGone(w.vars["server"])
	case !others:
		w.until(w.vars["server"], s.until)
	default: // Cinder's
		path := "/volume/v3/" + w.vars["project"] + "/" + kind + "s/" + w.vars[kind]
		w.poll(func() (string, bool) {
			code, _, answer := w.send(http.MethodGet, path, nil)
			var got map[string]struct{ Status string }
			_ = json.Unmarshal(answer, &got) // what is gone has none
			return fmt.Sprintf("the %s is %v, want %s", kind, got[kind].Status, status),
				code == http.StatusNotFound && status == "gone" || got[kind].Status == status
		})
	}
}

// at are the microversions of a walk.
func (w *walk) at(t testing.TB, c *contract) []int {
	if w.once {
		return []int{int(nova.Newest)}
	}
	if w.every {
		var all []int
		for n := range int(nova.Newest) {
			all = append(all, n+1)
		}
		return all
	}
	found := map[int]bool{1: true, int(nova.Newest): true}
	for _, s := range w.steps {
		if s.elsewhere() || s.by != 0 {
			continue
		}
		if s.versions != "" {
			ranges, err := api.ParseRanges(s.versions)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range ranges {
				found[max(1, int(r.From))] = true
			}
			continue
		}
		for _, n := range c.operation(t, s.op).turns() {
			found[n] = true
		}
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(found)), func(n int) bool { return n > int(nova.Newest) })
}

// has reports whether the step is of that minor version.
func (s *step) has(n int) bool {
	ranges, err := api.ParseRanges(s.versions)
	return s.versions == "" || err == nil && ranges.Has(api.Version(n))
}

// environment makes what the walks are about, and names it.
func environment(t testing.TB, admin *session) map[string]string {
	t.Helper()
	vars := map[string]string{
		"flavor": "42", "bigger": "84", "host": "compute-1", "other": "compute-2", "key": publicKey,
		"idle": "compute-3", "leaving": "compute-4", "quiet": "compute-5", "empty": "compute-6", "project": admin.project, "user": admin.user,
		"lan": "10.78.0", // nova-network's networks do not overlap
	}
	s := admin.at(t, 0)
	id := func(collection, name string, body object) string {
		return text(child(s.ask(http.MethodPost, collection, object{name: body}), name), "id")
	}
	list := func(path, name string) string { return text(first(s.ask(http.MethodGet, path, nil), name), "id") }
	vars["image"] = list("/image/v2/images?visibility=public", "images")
	vars["public"] = list("/network/v2.0/networks?"+url.Values{"router:external": {"true"}}.Encode(), "networks")
	s.ask(http.MethodPut, "/network/v2.0/quotas/"+admin.project, object{"quota": object{"security_group": -1, "port": -1, "floatingip": -1}})
	vars["network"] = id("/network/v2.0/networks", "network", object{"name": "private"})
	subnet := id("/network/v2.0/subnets", "subnet", object{"network_id": vars["network"], "ip_version": 4, "cidr": "10.77.0.0/16"})
	router := id("/network/v2.0/routers", "router", object{"name": "walks", "external_gateway_info": object{"network_id": vars["public"]}})
	s.ask(http.MethodPut, "/network/v2.0/routers/"+router+"/add_router_interface", object{"subnet_id": subnet})
	vars["keypair"] = "walks"
	s.ask(http.MethodPost, "/compute/v2.1/os-keypairs", object{"keypair": object{"name": "walks", "public_key": publicKey}})
	s.send(http.MethodPut, "/volume/v3/"+admin.project+"/os-quota-sets/"+admin.project, object{"quota_set": object{
		"volumes": -1, "gigabytes": -1, "snapshots": -1,
	}})
	s.send(http.MethodPost, "/volume/v3/"+admin.project+"/types", object{"volume_type": object{"name": "lvm-1"}})
	for _, host := range []string{vars["idle"], vars["leaving"], vars["quiet"], vars["empty"]} {
		service := text(first(s.at(t, 53).nova(http.MethodGet, "/os-services?binary=nova-compute&host="+host, nil), "services"), "id")
		s.at(t, 53).nova(http.MethodPut, "/os-services/"+service, object{"status": "disabled"})
	}
	mate := s.at(t, 1)
	vars["mate"] = text(child(mate.nova(http.MethodPost, "/servers", object{"server": object{
		"name": "mate", "imageRef": vars["image"], "flavorRef": vars["flavor"], "networks": []object{{"uuid": vars["network"]}},
	}}), "server"), "id")
	mate.until(vars["mate"], "ACTIVE")
	vars["hint"] = text(child(s.at(t, 64).nova(http.MethodPost, "/os-server-groups", object{"server_group": object{
		"name": "hint", "policy": "soft-affinity",
	}}), "server_group"), "id")
	vars["spare"] = id("/identity/v3/projects", "project", object{"name": "spare", "domain_id": "default"})
	return vars
}
