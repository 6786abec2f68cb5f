run "example" {
  assert {
    condition     = length(output.mac_of_each_port) == 1
    error_message = "the server has one interface"
  }
}
