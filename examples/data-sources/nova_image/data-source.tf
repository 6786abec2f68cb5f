data "nova_image" "debian" {
  most_recent = true
  visibility  = "public"

  with_properties = {
    os_distro  = "debian"
    os_version = "12"
  }
}
