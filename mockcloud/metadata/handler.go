// SPDX-License-Identifier: MPL-2.0

package metadata

import (
	"context"
	"errors"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
)

// maxPassword is how many bytes Nova stores of a password that a guest posts.
const maxPassword = 1020

var (
	// ErrNotFound is the lookup's for a server that is not there: 404.
	ErrNotFound = errors.New("no such instance")
	// ErrPasswordSet is the password store's when the server has one already: 409.
	ErrPasswordSet = errors.New("the instance has a password already")
)

// Lookup finds the instance that asks.
type Lookup func(ctx context.Context) (Instance, error)

// SetPassword stores what the asking instance posted, encrypted, as its password.
type SetPassword func(ctx context.Context, password string) error

// Handler is the metadata service for one instance: lookup is called for each request but "/". What
// Nova tells on the config drive alone (admin password, personality) is left out. A nil setPassword
// makes posting a password 404.
func Handler(lookup Lookup, setPassword SetPassword) http.Handler {
	return &handler{lookup: lookup, setPassword: setPassword}
}

type handler struct {
	lookup      Lookup
	setPassword SetPassword
}

// answer is what a path has.
type answer struct {
	body     []byte
	json     bool
	password bool // the path is the password's, which servePassword answers
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if path.Clean("/"+r.URL.Path) == "/" { // the one path that is the same for all, and for nobody
		write(w, answer{body: []byte(strings.Join(withLatest(ec2Versions), "\n"))})
		return
	}
	i, err := h.lookup(r.Context())
	switch {
	case errors.Is(err, ErrNotFound):
		http.NotFound(w, r)
		return
	case err != nil:
		http.Error(w, "An unknown error has occurred. Please try your request again.", http.StatusInternalServerError)
		return
	}
	i.AdminPass, i.Files = "", nil
	switch a, ok := i.at(r.URL.Path); {
	case !ok:
		http.NotFound(w, r)
	case a.password:
		h.servePassword(w, r, &i)
	default:
		write(w, a)
	}
}

func write(w http.ResponseWriter, a answer) {
	kind := "text/plain; charset=UTF-8"
	if a.json {
		kind = "application/json"
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(a.body)
}

// at finds what is at a path of the service. Trailing slashes do not matter, and whatever is not below
// /openstack is below /ec2, which may be left out.
func (i *Instance) at(urlPath string) (answer, bool) {
	tokens := strings.Split(strings.Trim(path.Clean("/"+urlPath), "/"), "/")
	if tokens[0] == "openstack" {
		return i.openstackAt(tokens[1:])
	}
	if tokens[0] == "ec2" {
		tokens = tokens[1:]
	}
	if len(tokens) == 0 {
		return answer{body: []byte(strings.Join(withLatest(ec2Versions), "\n"))}, true
	}
	version, ok := resolve(ec2Versions, tokens[0])
	if !ok {
		return answer{}, false
	}
	value, ok := i.ec2(version).find(tokens[1:])
	if !ok {
		return answer{}, false
	}
	return answer{body: []byte(text(value))}, true
}

func (i *Instance) openstackAt(tokens []string) (answer, bool) {
	if len(tokens) == 0 {
		return answer{body: []byte(strings.Join(withLatest(openstackVersions), "\n"))}, true
	}
	version, ok := resolve(openstackVersions, tokens[0])
	if !ok {
		return answer{}, false
	}
	name := strings.Join(tokens[1:], "/")
	if name == "" || name == "version" { // Nova's own name of the listing, reachable from outside
		return answer{body: []byte(strings.Join(i.list(version), "\n"))}, true
	}
	n := slices.IndexFunc(documents, func(d document) bool { return d.name == name })
	if n < 0 || !documents[n].early && !documents[n].has(i, version) {
		return answer{}, false
	}
	if documents[n].render == nil {
		return answer{password: true}, true
	}
	body, ok := documents[n].render(i, version)
	return answer{body: body, json: documents[n].json}, ok
}

// servePassword shows the password and takes it, once.
func (h *handler) servePassword(w http.ResponseWriter, r *http.Request, i *Instance) {
	switch {
	case r.Method == http.MethodGet:
		write(w, answer{body: []byte(i.Password)})
		return
	case r.Method != http.MethodPost:
		http.Error(w, "GET and POST only are supported.", http.StatusBadRequest)
		return
	case h.setPassword == nil:
		http.NotFound(w, r)
		return
	case i.Password != "":
		http.Error(w, ErrPasswordSet.Error(), http.StatusConflict)
		return
	}
	password, err := io.ReadAll(io.LimitReader(r.Body, maxPassword+1))
	switch {
	case err != nil:
		http.Error(w, "The request was cut short.", http.StatusBadRequest)
		return
	case len(password) > maxPassword:
		http.Error(w, "Request is too large.", http.StatusBadRequest)
		return
	}
	switch err := h.setPassword(r.Context(), string(password)); {
	case errors.Is(err, ErrPasswordSet):
		http.Error(w, ErrPasswordSet.Error(), http.StatusConflict)
	case errors.Is(err, ErrNotFound):
		http.NotFound(w, r)
	case err != nil:
		http.Error(w, "An unknown error has occurred. Please try your request again.", http.StatusInternalServerError)
	default:
		write(w, answer{})
	}
}
