// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"encoding/json"
	"errors"
	"fmt"
)

// specVersion is the form of machine.json that this program writes, and the newest that it reads. It grows with each
// change that an older program must not take a machine with: it would lose what it does not know of when it writes
// the file again. Version 1 is also what has no number.
const specVersion = 1

// errNewer: going on would lose what the machine has beyond what we know of.
var errNewer = errors.New("a newer version of this program wrote it")

// MarshalJSON adds the version.
func (s spec) MarshalJSON() ([]byte, error) {
	type plain spec
	return json.Marshal(struct {
		Version int `json:"version"`
		plain
	}{specVersion, plain(s)})
}

// UnmarshalJSON leaves s as it was when another version wrote it: errNewer.
func (s *spec) UnmarshalJSON(text []byte) error {
	form := struct{ Version int }{Version: 1}
	if err := json.Unmarshal(text, &form); err != nil {
		return err
	}
	switch {
	case form.Version > specVersion:
		return fmt.Errorf("%w: version %d, and this one reads up to %d", errNewer, form.Version, specVersion)
	case form.Version < 1:
		return fmt.Errorf("there is no version %d", form.Version)
	}
	type plain spec
	return json.Unmarshal(text, (*plain)(s))
}
