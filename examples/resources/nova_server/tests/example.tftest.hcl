run "example" {
  assert {
    condition     = nova_server.web.status == "ACTIVE" && length(output.addresses) > 0
    error_message = "the server is not as configured"
  }
}
