// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
)

func imageCommand(dir *string) *cobra.Command {
	images := &cobra.Command{Use: "image", Short: "Images of the cloud"}
	var name, format string
	var properties map[string]string
	add := &cobra.Command{
		Use:   "add FILE",
		Short: "Upload a disk image that all projects can use",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			e, err := local.Credentials(*dir, "admin")
			if err != nil {
				return err
			}
			cloud, err := login(c.Context(), e)
			if err != nil {
				return err
			}
			file, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer file.Close()
			base := filepath.Base(args[0])
			image := map[string]string{
				"name": cmp.Or(name, strings.TrimSuffix(base, filepath.Ext(base))), "visibility": "public",
				"container_format": "bare", "disk_format": cmp.Or(format, diskFormat(file)),
			}
			maps.Copy(image, properties)
			body, err := json.Marshal(image)
			if err != nil {
				return err
			}
			answer, err := cloud.do(c.Context(), http.MethodPost, "/image/v2/images", bytes.NewReader(body),
				map[string]string{"Content-Type": "application/json"})
			if err != nil {
				return err
			}
			defer answer.Body.Close()
			var made struct{ ID, Name string }
			if err := json.NewDecoder(answer.Body).Decode(&made); err != nil {
				return err
			}
			upload, err := cloud.do(c.Context(), http.MethodPut, "/image/v2/images/"+made.ID+"/file", file,
				map[string]string{"Content-Type": "application/octet-stream"})
			if err != nil { // an image without content helps nobody
				if gone, deleteErr := cloud.do(c.Context(), http.MethodDelete, "/image/v2/images/"+made.ID, nil, nil); deleteErr == nil {
					_ = gone.Body.Close()
				}
				return err
			}
			_ = upload.Body.Close()
			_, err = fmt.Fprintln(c.OutOrStdout(), made.ID, made.Name)
			return err
		},
	}
	add.Flags().StringVar(&name, "name", "", "the image's name; the file's by default")
	add.Flags().StringVar(&format, "format", "", "qcow2 or raw; what the file looks like by default")
	add.Flags().StringToStringVar(&properties, "property", nil, "an image property: hw_qemu_guest_agent=yes")
	images.AddCommand(add)
	return images
}

// diskFormat tells qcow2 by its magic; everything else is raw.
func diskFormat(file *os.File) string {
	magic := make([]byte, 4)
	if _, err := file.ReadAt(magic, 0); err == nil && string(magic) == "QFI\xfb" {
		return "qcow2"
	}
	return "raw"
}
