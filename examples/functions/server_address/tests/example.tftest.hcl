run "example" {
  assert {
    condition     = output.internal != "" && output.public == "none"
    error_message = "other addresses were found"
  }
}
