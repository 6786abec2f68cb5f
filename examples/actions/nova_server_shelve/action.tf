data "nova_server" "web" {
  name = "web-1"
}

# Shelves the server for the night, and frees its host.
action "nova_server_shelve" "web" {
  config {
    server_id = data.nova_server.web.id
    offload   = true
  }
}
