data "nova_server" "web" {
  name = "web-1"
}

# The server runs, but Nova believes it does not.
action "nova_server_reset_state" "web" {
  config {
    server_id = data.nova_server.web.id
    state     = "active"
  }
}
