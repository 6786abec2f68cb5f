// SPDX-License-Identifier: MPL-2.0

package glance

import (
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// attributes describe an image to clients that ask for its schema: name, JSON type, values, whether only
// the service sets it, and what it is.
var attributes = []struct {
	name, kind, values string
	readOnly           bool
	description        string
}{
	{"id", "string", "", false, "An identifier for the image"},
	{"name", "null string", "", false, "Descriptive name for the image"},
	{"status", "string", "queued saving active killed deleted uploading importing pending_delete deactivated", true, "Status of the image"},
	{"visibility", "string", "community public private shared", false, "Scope of image accessibility"},
	{"protected", "boolean", "", false, "If true, image will not be deletable."},
	{"os_hidden", "boolean", "", false, "If true, image will not appear in default image list response."},
	{"checksum", "null string", "", true, "md5 hash of image contents."},
	{"os_hash_algo", "null string", "", true, "Algorithm to calculate the os_hash_value"},
	{"os_hash_value", "null string", "", true, "Hexdigest of the image contents using the algorithm specified by the os_hash_algo"},
	{"owner", "null string", "", false, "Owner of the image"},
	{"size", "null integer", "", true, "Size of image file in bytes"},
	{"virtual_size", "null integer", "", true, "Virtual size of image in bytes"},
	{"container_format", "null string", "ami ari aki bare ovf ova docker compressed", false, "Format of the container"},
	{"disk_format", "null string", "ami ari aki vhd vhdx vmdk raw qcow2 vdi iso ploop gpt", false, "Format of the disk"},
	{"created_at", "string", "", true, "Date and time of image registration"},
	{"updated_at", "string", "", true, "Date and time of the last image modification"},
	{"tags", "array", "", false, "List of strings related to the image"},
	{"direct_url", "string", "", true, "URL to access the image file kept in external store"},
	{"min_ram", "integer", "", false, "Amount of ram (in MB) required to boot image."},
	{"min_disk", "integer", "", false, "Amount of disk space (in GB) required to boot image."},
	{"self", "string", "", true, "An image self url"},
	{"file", "string", "", true, "An image file url"},
	{"schema", "string", "", true, "An image schema url"},
}

func imageSchema() object {
	properties := object{}
	for _, a := range attributes {
		p := object{"type": a.kind, "description": a.description}
		if kinds := strings.Fields(a.kind); len(kinds) > 1 {
			p["type"] = kinds
		}
		if a.values != "" {
			values := []any{}
			if strings.HasPrefix(a.kind, "null") {
				values = append(values, nil)
			}
			for _, v := range strings.Fields(a.values) {
				values = append(values, v)
			}
			p["enum"] = values
		}
		if a.kind == "array" {
			p["items"] = object{"type": "string", "maxLength": 255}
		}
		if a.readOnly {
			p["readOnly"] = true
		}
		properties[a.name] = p
	}
	return object{
		"name": "image", "properties": properties, "additionalProperties": object{"type": "string"},
		"links": []object{
			{"rel": "self", "href": "{self}"}, {"rel": "enclosure", "href": "{file}"}, {"rel": "describedby", "href": "{schema}"},
		},
	}
}

func memberSchema() object {
	text := func(what string) object { return object{"type": "string", "description": what} }
	return object{
		"name": "member",
		"properties": object{
			"image_id": text("An identifier for the image"), "member_id": text("An identifier for the image member (tenantId)"),
			"created_at": text("Date and time of image member creation"), "updated_at": text("Date and time of last modification of image member"),
			"status": object{"type": "string", "enum": []string{"pending", "accepted", "rejected"}, "description": "The status of this image member"},
			"schema": object{"type": "string", "readOnly": true},
		},
	}
}

func listSchema(many string, one object) object {
	page := object{"type": "string"}
	return object{
		"name":       many,
		"properties": object{many: object{"type": "array", "items": one}, "first": page, "next": page, "schema": page},
		"links": []object{
			{"rel": "first", "href": "{first}"}, {"rel": "next", "href": "{next}"}, {"rel": "describedby", "href": "{schema}"},
		},
	}
}

func schemaRoutes() []api.Route {
	var routes []api.Route
	for name, schema := range map[string]object{
		"image": imageSchema(), "images": listSchema("images", imageSchema()),
		"member": memberSchema(), "members": listSchema("members", memberSchema()),
	} {
		routes = append(routes, api.Get("/schemas/"+name, "", func(*api.Call) (object, error) { return schema, nil }))
	}
	return routes
}
