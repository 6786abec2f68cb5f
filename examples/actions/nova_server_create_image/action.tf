data "nova_server" "web" {
  name = "web-1"
}

# An image of the server as it is now.
action "nova_server_create_image" "web" {
  config {
    server_id = data.nova_server.web.id
    name      = "web-golden"
    metadata  = { release = "2026.11" }
  }
}
