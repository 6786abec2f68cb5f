run "example" {
  assert {
    condition     = can(regex("^[0-9]+ of [0-9]+$", output.instances))
    error_message = "not used instances of allowed ones"
  }
}
