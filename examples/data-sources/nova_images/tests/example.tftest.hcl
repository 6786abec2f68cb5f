run "example" {
  assert {
    condition     = length(output.names) == 0
    error_message = "an image without the tag was found"
  }
}
