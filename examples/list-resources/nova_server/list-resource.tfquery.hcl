# The stopped web servers; -generate-config-out writes import blocks for them.
list "nova_server" "stopped" {
  provider = nova

  config {
    name_regex = "^web-[0-9]+$"
    status     = "SHUTOFF"
  }
}
