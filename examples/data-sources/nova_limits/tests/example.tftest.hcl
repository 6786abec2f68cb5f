run "example" {
  assert {
    condition     = output.cores_left > 0
    error_message = "no cores are left"
  }
}
