// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"encoding/json"
	"fmt"
	"os"
)

// readVendorData reads what guests find as vendor_data.json: a JSON object. Without a path there is none.
func readVendorData(path string) (json.RawMessage, error) {
	if path == "" {
		return nil, nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("vendor data: %w", err)
	}
	var object map[string]any
	if err := json.Unmarshal(content, &object); err != nil || object == nil {
		return nil, fmt.Errorf("vendor data: %s is no JSON object", path)
	}
	return content, nil
}
