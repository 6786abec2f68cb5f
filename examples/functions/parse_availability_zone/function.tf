locals {
  place = provider::nova::parse_availability_zone("nova:compute-3")
}

data "nova_availability_zones" "all" {}

output "host" {
  value = local.place.host # compute-3
}

output "zone_exists" {
  value = contains(data.nova_availability_zones.all.names, local.place.zone)
}
