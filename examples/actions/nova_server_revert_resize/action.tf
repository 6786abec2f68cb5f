data "nova_server" "web" {
  name = "web-1"
}

# Takes an unconfirmed resize back: the old flavor, host and disk.
action "nova_server_revert_resize" "web" {
  config {
    server_id = data.nova_server.web.id
  }
}
