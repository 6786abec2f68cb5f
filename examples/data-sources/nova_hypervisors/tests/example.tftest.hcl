run "example" {
  assert {
    condition     = output.free_ram_mb > 0
    error_message = "no memory is left"
  }
}
