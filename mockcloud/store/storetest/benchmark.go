// SPDX-License-Identifier: MPL-2.0

package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// server is a row of about the size of an instance's.
type server struct {
	ID, Name, UserID, ProjectID, Image, Flavor, Host, Key string
	State, Task                                           string
	Created, Updated                                      time.Time
	Metadata                                              map[string]string
	Addresses                                             []address
	Locked, ConfigDrive                                   bool
	Power, Progress                                       int
}

type address struct {
	Network, Port, MAC, IP string
	Version                int
}

func servers() *store.Table[server] {
	return &store.Table[server]{
		Name: "servers",
		Key:  func(s *server) string { return s.ID },
		Indexes: []store.Index[server]{
			{Name: "project", Of: func(s *server) []string { return []string{s.ProjectID} }},
			{Name: "name", Of: func(s *server) []string { return []string{s.Name} }, Unique: true},
		},
	}
}

func newServer(i int) *server {
	id := fmt.Sprintf("%08x-9b1d-4c5e-8a77-0242ac120002", i)
	when := time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)
	return &server{
		ID: id, Name: fmt.Sprintf("web-%d", i), UserID: "8f1c5b3c4d2e4a0f9b8a7c6d5e4f3a2b",
		ProjectID: fmt.Sprintf("project-%d", i/100), Image: "0a1b2c3d-0000-4000-8000-000000000001", Flavor: "m1.small",
		Host: "compute-1", Key: "laptop", State: "active", Created: when, Updated: when, Power: 1,
		Metadata:  map[string]string{"role": "web", "stage": "test"},
		Addresses: []address{{"private", "port-" + id, "fa:16:3e:12:34:56", "10.0.0.7", 4}},
	}
}

// Benchmark measures, on a store with 1,000 servers of 10 projects, what the API does most.
func Benchmark(b *testing.B, s store.Store) {
	table := servers()
	update := func(change func(tx store.Tx) error) {
		if err := s.Update(b.Context(), change); err != nil {
			b.Fatal(err)
		}
	}
	view := func(read func(tx store.Tx) error) {
		if err := s.View(b.Context(), read); err != nil {
			b.Fatal(err)
		}
	}
	update(func(tx store.Tx) error {
		for i := range 1000 {
			if err := table.Put(tx, newServer(i)); err != nil {
				return err
			}
		}
		return nil
	})
	row := newServer(500)
	for _, operation := range []struct {
		name string
		run  func()
	}{
		{"Get", func() {
			view(func(tx store.Tx) error { _, err := tx.Get("servers", row.ID); return err })
		}},
		{"Get decoded", func() {
			view(func(tx store.Tx) error { _, err := table.Get(tx, row.ID); return err })
		}},
		{"Put", func() { update(func(tx store.Tx) error { return table.Put(tx, row) }) }},
		{"Insert and Delete", func() {
			extra := newServer(5000)
			update(func(tx store.Tx) error { return table.Insert(tx, extra) })
			update(func(tx store.Tx) error { return table.Delete(tx, extra.ID) })
		}},
		{"Lookup of 100", func() {
			view(func(tx store.Tx) error {
				for _, err := range tx.Lookup("servers", "project", "project-5") {
					if err != nil {
						return err
					}
				}
				return nil
			})
		}},
		{"By of 100 decoded", func() {
			view(func(tx store.Tx) error {
				rows, err := table.By(tx, "project", "project-5")
				if err == nil && len(rows) != 100 {
					err = fmt.Errorf("%d rows", len(rows))
				}
				return err
			})
		}},
	} {
		b.Run(operation.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				operation.run()
			}
		})
	}
}
