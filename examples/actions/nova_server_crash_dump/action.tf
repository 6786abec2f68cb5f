data "nova_server" "web" {
  name = "web-1"
}

# Has a guest that hangs write a crash dump.
action "nova_server_crash_dump" "web" {
  config {
    server_id = data.nova_server.web.id
  }
}
