// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// ConsoleRecord is a server's console for as long as it is not deleted (Nova: nova-console). Its password opens it at the
// console proxy as often as one likes, where a ConsoleToken does so once.
type ConsoleRecord struct {
	Number     int64
	InstanceID string
	Type       string // of ConsoleToken
	Password   string
}

// The indexes of console records.
const (
	consolesByInstance = "instance"
	consolesByHash     = "hash"
)

var consoleRecords = store.Table[ConsoleRecord]{
	Name: "compute_consoles",
	Key:  func(c *ConsoleRecord) string { return fmt.Sprintf("%019d", c.Number) },
	Indexes: []store.Index[ConsoleRecord]{
		{Name: consolesByInstance, Of: func(c *ConsoleRecord) []string { return []string{c.InstanceID} }},
		{Name: consolesByHash, Unique: true, Of: func(c *ConsoleRecord) []string { return []string{consoleHash(c.Password)} }},
	},
}

// recordedConsole is the type of consoles that last.
const recordedConsole = "novnc"

// CreateConsole gives a server a console, unless it has one. Errors are OpenConsole's.
func (m *Manager) CreateConsole(ctx context.Context, id string) error {
	if err := m.checkConsole(ctx, id, recordedConsole, "create_console"); err != nil {
		return err
	}
	return m.Store.Update(ctx, func(tx store.Tx) error {
		if _, err := live(tx, id); err != nil {
			return err
		}
		known, err := consoleRecords.By(tx, consolesByInstance, id)
		if err != nil || len(known) > 0 {
			return err
		}
		number, err := next(tx, "consoles")
		if err != nil {
			return err
		}
		return consoleRecords.Insert(tx, &ConsoleRecord{Number: number, InstanceID: id, Type: recordedConsole, Password: rand.Text()})
	})
}

// Consoles are those that a server has been given.
func (m *Manager) Consoles(ctx context.Context, id string) (consoles []*ConsoleRecord, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		consoles, err = consoleRecords.By(tx, consolesByInstance, id)
		return err
	})
	return consoles, err
}

// ConsoleNumber is the console of that number; NotFound when it is not the server's.
func (m *Manager) ConsoleNumber(ctx context.Context, id string, number int64) (found *ConsoleRecord, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		found, err = consoleNumber(tx, id, number)
		return err
	})
	return found, err
}

func consoleNumber(tx store.Tx, id string, number int64) (*ConsoleRecord, error) {
	found, err := consoleRecords.Get(tx, consoleRecords.Key(&ConsoleRecord{Number: number}))
	if errors.Is(err, store.ErrNotFound) || err == nil && found.InstanceID != id {
		return nil, refuse(NotFound, "Console for instance %s could not be found.", id)
	}
	return found, err
}

// DeleteConsole makes a console's password good for nothing. Who is connected stays. NotFound as with ConsoleNumber.
func (m *Manager) DeleteConsole(ctx context.Context, id string, number int64) error {
	return m.Store.Update(ctx, func(tx store.Tx) error {
		found, err := consoleNumber(tx, id, number)
		if err != nil {
			return err
		}
		return consoleRecords.Delete(tx, consoleRecords.Key(found))
	})
}

// recordedToken is the console whose password that is, as if it were a token's; nil when it is nobody's.
func recordedToken(tx store.Tx, password string) (*ConsoleToken, error) {
	found, err := consoleRecords.One(tx, consolesByHash, consoleHash(password))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil //nolint:nilnil // there is none, and that is no error
	}
	if err != nil {
		return nil, err
	}
	return &ConsoleToken{InstanceID: found.InstanceID, Type: found.Type}, nil
}

// dropConsoles deletes an instance's consoles.
func dropConsoles(tx store.Tx, id string) error {
	found, err := consoleRecords.By(tx, consolesByInstance, id)
	if err != nil {
		return err
	}
	for _, c := range found {
		if err := consoleRecords.Delete(tx, consoleRecords.Key(c)); err != nil {
			return err
		}
	}
	return nil
}
