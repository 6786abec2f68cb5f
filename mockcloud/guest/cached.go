// SPDX-License-Identifier: MPL-2.0

package guest

import (
	"io/fs"
	"path/filepath"
)

// Cached is the newest finished image of the cache directory, which may be "" for the usual one. It
// builds nothing: fs.ErrNotExist if there is none.
func Cached(cacheDir string) (string, error) {
	cache, err := Options{CacheDir: cacheDir}.cacheDir()
	if err != nil {
		return "", err
	}
	images, err := filepath.Glob(filepath.Join(cache, "mockcloud-guest-*.qcow2"))
	if err != nil {
		return "", err
	}
	if len(images) == 0 {
		return "", fs.ErrNotExist
	}
	return newest(images)[0], nil
}
