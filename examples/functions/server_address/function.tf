data "nova_server" "web" {
  name = "web-1"
}

output "internal" {
  value = provider::nova::server_address(data.nova_server.web, "private")
}

output "public" {
  value = try(provider::nova::server_address(data.nova_server.web, "private", "floating", "ipv4"), "none")
}
