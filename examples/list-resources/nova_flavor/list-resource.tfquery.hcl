list "nova_flavor" "private" {
  provider = nova

  config {
    is_public = false
    min_ram   = 4096
  }
}
