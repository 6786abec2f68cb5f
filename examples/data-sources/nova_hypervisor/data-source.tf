data "nova_hypervisor" "first" {
  hostname     = "compute-1"
  with_servers = true
}

output "servers" {
  value = data.nova_hypervisor.first.servers
}

output "uptime" {
  value = data.nova_hypervisor.first.uptime
}
