list "nova_security_group" "web" {
  provider = nova

  config {
    name_regex = "^web"
  }
}
