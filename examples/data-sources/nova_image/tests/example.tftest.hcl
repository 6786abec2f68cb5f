run "example" {
  assert {
    condition     = data.nova_image.debian.status == "active"
    error_message = "the image is not active"
  }
}
