run "example" {
  assert {
    condition     = length(output.cidrs) > 0
    error_message = "the network has no subnet"
  }
}
