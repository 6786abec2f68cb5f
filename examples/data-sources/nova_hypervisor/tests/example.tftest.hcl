run "example" {
  assert {
    condition     = length(output.servers) == 0 && data.nova_hypervisor.first.state == "up"
    error_message = "not an empty hypervisor that is up"
  }
}
