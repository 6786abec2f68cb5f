run "example" {
  assert {
    condition     = length(output.names) == 0
    error_message = "a keypair of nobody in the team was found"
  }
}
