run "example" {
  assert {
    condition     = strcontains(output.ssh_config, "Host db-1")
    error_message = "a server is missing"
  }
}
