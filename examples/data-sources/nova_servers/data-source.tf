data "nova_servers" "web" {
  with_metadata = {
    role = "web"
  }
}

output "addresses" {
  value = { for s in data.nova_servers.web.servers : s.name => s.addresses[*].address }
}
