data "nova_image" "debian" {
  most_recent = true
  visibility  = "public"

  properties = {
    os_distro  = "debian"
    os_version = "12"
  }
}
