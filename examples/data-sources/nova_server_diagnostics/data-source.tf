data "nova_server" "web" {
  name = "web"
}

data "nova_server_diagnostics" "web" {
  server_id = data.nova_server.web.id
}

output "memory" {
  value = data.nova_server_diagnostics.web.memory
}
