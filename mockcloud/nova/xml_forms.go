// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"maps"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// xmlForms are the elements that deviate from the rules of package api.
func xmlForms() map[string]api.Form {
	forms := map[string]api.Form{}
	for _, some := range []map[string]api.Form{rootForms(), serverForms(), flatForms(), listForms(), mapForms()} {
		maps.Copy(forms, some)
	}
	for _, name := range elementForms() {
		forms[name] = api.Form{Scalars: api.Elements}
	}
	return forms
}

// rootForms are the documents that have a namespace, and nothing else that deviates.
func rootForms() map[string]api.Form {
	forms := map[string]api.Form{}
	for _, name := range []string{
		"servers", "flavor", "flavors", "images", "virtual_interfaces", "server_groups", "security_groups",
		"security_group_default_rules",
	} {
		forms[name] = api.Form{Namespace: computeNamespace}
	}
	for _, name := range []string{"version", "versions", "extensions"} {
		forms[name] = api.Form{Namespace: commonNamespace}
	}
	for _, name := range []string{"cell", "cells"} {
		forms[name] = api.Form{Namespace: cellsNamespace}
	}
	forms["choices"] = api.Form{Namespace: commonNamespace, Item: "version"}
	forms["feed"] = api.Form{Namespace: api.AtomNamespace, Scalars: api.Elements}
	return forms
}

// serverForms are servers, images, and what describes itself with text.
func serverForms() map[string]api.Form {
	described := map[string]string{"description": "description"}
	server := api.Form{
		Namespace: computeNamespace,
		Members:   map[string]string{"user_id": "@userId", "tenant_id": "@tenantId", "image": "image", "user_data": "user_data"},
		Aliases:   map[string]string{"auto_disk_config": "OS-DCF:diskConfig"},
	}
	alone := server
	alone.Present = []string{"metadata"}
	return map[string]api.Form{
		"server":                      server,
		"/server":                     alone,
		"reservation":                 {Name: "server", Namespace: computeNamespace},
		"rebuild":                     {Aliases: map[string]string{"auto_disk_config": "OS-DCF:diskConfig"}},
		"resize":                      {Aliases: map[string]string{"auto_disk_config": "OS-DCF:diskConfig"}},
		"server/fault":                {Members: map[string]string{"message": "message", "details": "details"}},
		"file":                        {Members: map[string]string{"contents": "."}},
		"image":                       {Namespace: computeNamespace},
		"server_group":                {Namespace: computeNamespace},
		"extension":                   {Namespace: commonNamespace, Members: described},
		"security_group":              {Namespace: computeNamespace, Members: described},
		"quota_set":                   {Scalars: api.Elements, Members: map[string]string{"id": "@id"}},
		"quota_class_set":             {Scalars: api.Elements, Members: map[string]string{"id": "@id"}},
		"rule":                        ruleForm(""),
		"security_group_rule":         ruleForm(computeNamespace),
		"security_group_default_rule": ruleForm(computeNamespace),
		"diagnostics":                 {Namespace: computeNamespace, Scalars: api.Elements},
		"entry/title":                 {Members: map[string]string{"type": "@type", "text": "."}},
		"feed/title":                  {Members: map[string]string{"type": "@type", "text": "."}},
		"entry/content":               {Members: map[string]string{"type": "@type", "text": "."}},
	}
}

func ruleForm(namespace string) api.Form {
	return api.Form{
		Namespace: namespace, Scalars: api.Elements,
		Members: map[string]string{"id": "@id", "parent_group_id": "@parent_group_id"},
	}
}

// elementForms are those whose scalars are elements, too: Nova wrote them without a template, or from a flat one.
func elementForms() []string {
	return []string{
		"agent", "aggregate", "aggregate/metadata", "aggregates", "cell/capabilities", "cloudpipe", "cloudpipes", "console", "consoles",
		"events/event", "extra_specs", "fixed_ip", "floating_ip_info", "floating_ips_bulk_create", "host/resource",
		"instance_usage_audit_log", "instance_usage_audit_logs", "interfaceAttachment", "interfaceAttachments",
		"keypair", "keypairs", "network", "networks", "tenant_usage", "tenant_usages",
		"os-fping:server", "os-fping:servers",
	}
}

// listForms are lists whose items have another name than the singular, or objects where it stands.
func listForms() map[string]api.Form {
	return map[string]api.Form{
		"agents/agent":                   {Scalars: api.Attributes},
		"availabilityZoneInfo":           {Name: "availabilityZones", Item: "availabilityZone"},
		"availabilityZone":               {Members: map[string]string{"zoneName": "@name"}},
		"addresses/network":              {Item: "ip"},
		"addresses of a network/network": {Item: "ip", Scalars: api.Attributes},
		"flavor_access":                  {Item: "access"},
		"floating_ip_info":               {Item: "item", Scalars: api.Elements},
		"servers:hypervisor":             {Present: []string{"servers"}},
		"tenant_usages/tenant_usage":     {Present: []string{"server_usages"}},
		"hosts/host":                     {Scalars: api.Attributes},
		"host":                           {Item: "resource"},
		"limits":                         {Namespace: commonNamespace, Members: map[string]string{"rate": "rates"}},
		"limits/rate":                    {Item: "rate"},
		"personality":                    {Item: "file"},
	}
}

// flatForms stand in the place of what holds them.
func flatForms() map[string]api.Form {
	return map[string]api.Form{
		"rate/limit":                           {Flat: true, Item: "limit"},
		"instanceAction/events":                {Flat: true, Item: "events"},
		"feed/entries":                         {Flat: true},
		"meta":                                 {Namespace: computeNamespace, Flat: true, Item: "meta", Key: "key"},
		"addresses of a network":               {Namespace: computeNamespace, Flat: true, Item: "network", Key: "id"},
		"extra_spec":                           {Flat: true, Item: "extra_spec", Key: "key"},
		"ram_free/units_by_mb":                 {Flat: true, Item: "unit_by_mb", Key: "mb", Value: "unit"},
		"disk_free/units_by_mb":                {Flat: true, Item: "unit_by_mb", Key: "mb", Value: "unit"},
		"os-extended-volumes:volumes_attached": {Flat: true, Item: "os-extended-volumes:volume_attached"},
	}
}

// mapForms are maps whose keys are values of an attribute.
func mapForms() map[string]api.Form {
	return map[string]api.Form{
		"metadata":               {Namespace: computeNamespace, Item: "meta", Key: "key"},
		"addresses":              {Namespace: computeNamespace, Item: "network", Key: "id"},
		"limits/absolute":        {Item: "limit", Key: "name", Value: "value"},
		"availabilityZone/hosts": {Item: "host", Key: "name", Within: "services"},
		"host/services":          {Item: "service", Key: "name", Within: "serviceState"},
	}
}
