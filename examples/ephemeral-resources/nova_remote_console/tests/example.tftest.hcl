run "example" {
  assert {
    condition     = data.nova_server.web.status == "ACTIVE"
    error_message = "a server that is not active has no console"
  }
}
