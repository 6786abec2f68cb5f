run "example" {
  assert {
    condition     = length(nova_aggregate_host.gpu) == 2
    error_message = "the aggregate host is not as configured"
  }
}
