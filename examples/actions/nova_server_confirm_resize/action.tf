data "nova_server" "web" {
  name = "web-1"
}

# For a nova_server with confirm_resize = false, once somebody has looked at it.
action "nova_server_confirm_resize" "web" {
  config {
    server_id = data.nova_server.web.id
  }
}
