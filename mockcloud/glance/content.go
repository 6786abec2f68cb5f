// SPDX-License-Identifier: MPL-2.0

package glance

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/google/uuid"
)

// contents keeps images' data. A key is never used twice, so data that is being read is never changed.
type contents interface {
	// create begins new data; nobody sees it before commit.
	create() (draft, error)
	open(key string) (io.ReadSeekCloser, error)
	// remove deletes the data; nil when there is none. Who reads it reads on.
	remove(key string) error
	// sweep deletes all data but that of these keys: what a crash left.
	sweep(keep map[string]bool) error
}

// draft is data on its way in.
type draft interface {
	io.Writer
	io.ReaderAt
	key() string
	commit() error
	// abort leaves nothing; after commit it does nothing.
	abort()
}

// newContents keeps data in files of a directory, or in memory when there is none.
func newContents(dir string) (contents, error) {
	if dir == "" {
		return &inMemory{data: map[string][]byte{}}, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("glance: content store: %w", err)
	}
	return onDisk(dir), nil
}

// inMemory is the content store of a cloud in a test.
type inMemory struct {
	lock sync.RWMutex
	data map[string][]byte
}

type memoryDraft struct {
	store *inMemory
	name  string
	bytes []byte
}

func (m *inMemory) create() (draft, error) {
	return &memoryDraft{store: m, name: uuid.NewString()}, nil
}

type nopCloser struct{ *bytes.Reader }

func (nopCloser) Close() error { return nil }

func (m *inMemory) open(key string) (io.ReadSeekCloser, error) {
	m.lock.RLock()
	defer m.lock.RUnlock()
	data, ok := m.data[key]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return nopCloser{bytes.NewReader(data)}, nil
}

func (m *inMemory) remove(key string) error {
	m.lock.Lock()
	defer m.lock.Unlock()
	delete(m.data, key)
	return nil
}

func (m *inMemory) sweep(map[string]bool) error { return nil }

func (d *memoryDraft) Write(b []byte) (int, error) {
	d.bytes = append(d.bytes, b...)
	return len(b), nil
}

func (d *memoryDraft) ReadAt(b []byte, at int64) (int, error) {
	return bytes.NewReader(d.bytes).ReadAt(b, at)
}

func (d *memoryDraft) key() string { return d.name }

func (d *memoryDraft) commit() error {
	d.store.lock.Lock()
	defer d.store.lock.Unlock()
	d.store.data[d.name] = d.bytes
	return nil
}

func (d *memoryDraft) abort() {}

// onDisk is a directory with a file for each image's data; drafts end in ".part".
type onDisk string

const partSuffix = ".part"

func (dir onDisk) path(key string) string { return filepath.Join(string(dir), key) }

type diskDraft struct {
	*os.File
	name, path string
}

func (dir onDisk) create() (draft, error) {
	key := uuid.NewString()
	f, err := os.OpenFile(dir.path(key+partSuffix), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return &diskDraft{File: f, name: key, path: dir.path(key)}, nil
}

func (dir onDisk) open(key string) (io.ReadSeekCloser, error) { return os.Open(dir.path(key)) }

func (dir onDisk) remove(key string) error {
	if err := os.Remove(dir.path(key)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (dir onDisk) sweep(keep map[string]bool) error {
	entries, err := os.ReadDir(string(dir))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		// Only what this store has named is its to delete.
		if key := strings.TrimSuffix(entry.Name(), partSuffix); uuid.Validate(key) == nil && !keep[entry.Name()] {
			if err := dir.remove(entry.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *diskDraft) key() string { return d.name }

func (d *diskDraft) commit() error {
	if err := d.Close(); err != nil {
		return err
	}
	return os.Rename(d.path+partSuffix, d.path)
}

func (d *diskDraft) abort() {
	_ = d.Close()
	_ = os.Remove(d.path + partSuffix)
}
