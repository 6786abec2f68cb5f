data "nova_service" "first" {
  host   = "compute-1"
  binary = "nova-compute"
}

output "disabled_because" {
  value = data.nova_service.first.disabled_reason
}
