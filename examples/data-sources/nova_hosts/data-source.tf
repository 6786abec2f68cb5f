data "nova_hosts" "compute" {
  service = "compute"
}

output "hosts" {
  value = data.nova_hosts.compute.names
}
