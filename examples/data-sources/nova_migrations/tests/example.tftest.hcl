run "example" {
  assert {
    condition     = length(output.servers) == 0
    error_message = "something migrates in an idle cloud"
  }
}
