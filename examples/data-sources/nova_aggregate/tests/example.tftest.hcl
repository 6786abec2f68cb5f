run "example" {
  assert {
    condition     = data.nova_aggregate.fast.name == "fast-disks"
    error_message = "another aggregate was found"
  }
}
