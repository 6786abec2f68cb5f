# Where floating IPs come from.
data "nova_networks" "external" {
  external = true
}

output "names" {
  value = data.nova_networks.external.networks[*].name
}
