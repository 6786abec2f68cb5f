data "nova_server" "web" {
  name = "web-1"
}

# the first fixed address of IPv4, in whatever network
output "internal" {
  value = provider::nova::server_address(data.nova_server.web, "", "fixed", "ipv4")
}

output "public" {
  value = try(provider::nova::server_address(data.nova_server.web, "private", "floating"), "none")
}
