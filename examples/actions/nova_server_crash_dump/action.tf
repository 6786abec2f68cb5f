# Has a guest that hangs write a crash dump.
action "nova_server_crash_dump" "web" {
  config {
    server_id = nova_server.web.id
  }
}
