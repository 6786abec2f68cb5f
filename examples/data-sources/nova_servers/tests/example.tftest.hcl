run "example" {
  assert {
    condition     = length(output.addresses) == 0
    error_message = "a server without the role was found"
  }
}
