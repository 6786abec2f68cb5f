run "example" {
  assert {
    condition     = nova_server_group.web.max_server_per_host == 2
    error_message = "the server group is not as configured"
  }
}
