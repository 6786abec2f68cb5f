run "example" {
  assert {
    condition     = data.nova_console_log.keys.server_id == data.nova_server.web.id
    error_message = "the log is of another server"
  }
}
