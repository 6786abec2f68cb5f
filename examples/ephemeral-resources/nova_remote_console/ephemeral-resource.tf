data "nova_server" "web" {
  name = "web-1"
}

ephemeral "nova_remote_console" "serial" {
  server_id = data.nova_server.web.id
  type      = "serial"
}
