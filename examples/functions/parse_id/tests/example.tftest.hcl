run "example" {
  assert {
    condition     = output.image_id == var.image_id
    error_message = "another id was read"
  }
}
