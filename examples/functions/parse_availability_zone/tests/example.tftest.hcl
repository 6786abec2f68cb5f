run "example" {
  assert {
    condition     = output.host == "compute-3"
    error_message = "another host was read"
  }
}
