// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// consoleTokenLife is how long the token of a console can be used (Nova: [consoleauth] token_ttl).
const consoleTokenLife = 10 * time.Minute

// consoleKinds are the types of console that the API knows, and what machines have for them.
var consoleKinds = map[string]driver.ConsoleType{
	"novnc":        driver.ConsoleVNC,
	"spice-html5":  driver.ConsoleSPICE,
	"spice-direct": driver.ConsoleSPICE,
	"serial":       driver.ConsoleSerial,
	"rdp-html5":    driver.ConsoleRDP,
}

// ConsoleToken lets its bearer use one server's console, once; who serves consoles sees to what that is with SPICE,
// whose viewers connect more than once. The token itself is not kept.
type ConsoleToken struct {
	Hash       string
	InstanceID string
	Type       string // "novnc", "spice-html5", "spice-direct", "serial" or "rdp-html5"
	AccessPath string // internal_access_path: what a console other than VNC is asked for
	Expires    time.Time
}

const consoleTokensByInstance = "instance"

var consoleTokens = store.Table[ConsoleToken]{
	Name: "compute_console_tokens",
	Key:  func(t *ConsoleToken) string { return t.Hash },
	Indexes: []store.Index[ConsoleToken]{
		{Name: consoleTokensByInstance, Of: func(t *ConsoleToken) []string { return []string{t.InstanceID} }},
	},
}

func consoleHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// errNoToken: no such token, or it has expired or been used.
var errNoToken = refuse(NotFound, "Token not found")

// OpenConsole returns a token for a server's console of that type. method is Nova's name of the request, for
// refusals: "get_vnc_console". Errors: Conflict of a server that is going, or has no host yet; BadRequest of a
// type that its host does not have; NotImplemented of a host without any.
func (m *Manager) OpenConsole(ctx context.Context, id, kind, method string) (token string, err error) {
	if err := m.checkConsole(ctx, id, kind, method); err != nil {
		return "", err
	}
	token = rand.Text()
	record := &ConsoleToken{Hash: consoleHash(token), InstanceID: id, Type: kind, Expires: m.Clock.Now().Add(consoleTokenLife)}
	if kind != "novnc" {
		record.AccessPath = uuid.NewString()
	}
	return token, m.Store.Update(ctx, func(tx store.Tx) error {
		if _, err := live(tx, id); err != nil {
			return err
		}
		if err := m.dropConsoleTokens(tx, id, true); err != nil {
			return err
		}
		return consoleTokens.Insert(tx, record)
	})
}

// checkConsole refuses what OpenConsole does.
func (m *Manager) checkConsole(ctx context.Context, id, kind, method string) error {
	inst, err := m.hosted(ctx, id)
	switch {
	case err != nil:
		return err
	case slices.Contains([]TaskState{Deleting, Migrating}, inst.TaskState):
		return &InstanceInvalidState{InstanceID: id, Action: method, Attr: "task_state", State: string(inst.TaskState)}
	case consoleKinds[kind] == "":
		return refuse(BadRequest, "Invalid console type %s", kind)
	}
	_, err = m.consoleOf(ctx, inst, kind)
	return err
}

// consoleOf is where the server's console of that type listens.
func (m *Manager) consoleOf(ctx context.Context, inst *Instance, kind string) (at driver.ConsoleAddress, err error) {
	host, err := m.host(inst.Host)
	if err != nil {
		return at, err
	}
	err = use(ctx, host, "Console", inst.ID, func(ctx context.Context, d driver.ConsoleServer) error {
		at, err = d.Console(ctx, inst.ID, consoleKinds[kind])
		return err
	})
	switch {
	case errors.Is(err, driver.ErrNoDevice):
		return at, refuse(BadRequest, "Unavailable console type %s.", kind)
	case errors.Is(err, driver.ErrNotFound) && inst.VMState == Building:
		return at, &InstanceNotReady{InstanceID: inst.ID}
	case errors.Is(err, driver.ErrNotFound):
		return at, &InstanceNotFound{InstanceID: inst.ID}
	}
	return at, err
}

// Console is a server's console as its token's bearer can reach it.
type Console struct {
	ConsoleToken

	Kind    driver.ConsoleType
	Address driver.ConsoleAddress
}

// ConsoleOf tells what a token is for, without using it up. NotFound when it is good for nothing.
func (m *Manager) ConsoleOf(ctx context.Context, token string) (*Console, error) {
	var record *ConsoleToken
	err := m.Store.View(ctx, func(tx store.Tx) (err error) {
		record, err = m.consoleToken(tx, token)
		return err
	})
	if err != nil {
		return nil, err
	}
	return m.reachConsole(ctx, record)
}

// UseConsole is ConsoleOf for who connects: the token is good for nothing afterwards, unless it is the password of a
// ConsoleRecord.
func (m *Manager) UseConsole(ctx context.Context, token string) (*Console, error) {
	var record *ConsoleToken
	err := m.Store.Update(ctx, func(tx store.Tx) (err error) {
		if record, err = recordedToken(tx, token); record != nil || err != nil {
			return err
		}
		if record, err = m.consoleToken(tx, token); err != nil {
			return err
		}
		return consoleTokens.Delete(tx, record.Hash)
	})
	if err != nil {
		return nil, err
	}
	return m.reachConsole(ctx, record)
}

func (m *Manager) consoleToken(tx store.Tx, token string) (*ConsoleToken, error) {
	record, err := consoleTokens.Get(tx, consoleHash(token))
	if errors.Is(err, store.ErrNotFound) || err == nil && !m.Clock.Now().Before(record.Expires) {
		return nil, errNoToken
	}
	return record, err
}

func (m *Manager) reachConsole(ctx context.Context, record *ConsoleToken) (*Console, error) {
	inst, err := m.Get(ctx, record.InstanceID)
	if KindOf(err) == NotFound || err == nil && !inst.Live() {
		return nil, errNoToken
	}
	if err != nil {
		return nil, err
	}
	at, err := m.consoleOf(ctx, inst, record.Type)
	if KindOf(err) == NotFound {
		return nil, errNoToken
	}
	if err != nil {
		return nil, err
	}
	return &Console{ConsoleToken: *record, Kind: consoleKinds[record.Type], Address: at}, nil
}

// dropConsoleTokens deletes an instance's tokens and its consoles, or only those tokens that have expired.
func (m *Manager) dropConsoleTokens(tx store.Tx, id string, expired bool) error {
	if !expired {
		if err := dropConsoles(tx, id); err != nil {
			return err
		}
	}
	found, err := consoleTokens.By(tx, consoleTokensByInstance, id)
	if err != nil {
		return err
	}
	now := m.Clock.Now()
	for _, token := range found {
		if expired && now.Before(token.Expires) {
			continue
		}
		if err := consoleTokens.Delete(tx, token.Hash); err != nil {
			return err
		}
	}
	return nil
}
