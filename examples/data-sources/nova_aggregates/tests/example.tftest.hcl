run "example" {
  assert {
    condition     = length(data.nova_aggregates.ssd.aggregates) == 0
    error_message = "an aggregate without the metadata was found"
  }
}
