run "example" {
  assert {
    condition     = length(output.open_to_all) == 0
    error_message = "the default group lets everybody in"
  }
}
