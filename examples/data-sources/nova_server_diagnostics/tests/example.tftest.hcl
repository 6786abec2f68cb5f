run "example" {
  assert {
    condition     = output.memory != null
    error_message = "no memory is told"
  }
}
