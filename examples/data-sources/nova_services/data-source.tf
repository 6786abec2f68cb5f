data "nova_services" "down" {
  binary = "nova-compute"
  state  = "down"
}

output "hosts" {
  value = data.nova_services.down.services[*].host
}
