data "nova_server" "gateway" {
  name = "gateway"
}

output "gateway" {
  value = data.nova_server.gateway.addresses[0].address
}
