run "example" {
  assert {
    condition     = length(output.ids) == 0
    error_message = "a group without the tag was found"
  }
}
