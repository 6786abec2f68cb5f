run "example" {
  assert {
    condition     = length(output.names) == 0
    error_message = "a group with another policy was found"
  }
}
