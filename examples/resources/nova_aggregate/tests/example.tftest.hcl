run "example" {
  assert {
    condition     = length(nova_aggregate.ssd.hosts) == 2
    error_message = "not both hosts are in the aggregate"
  }
}
