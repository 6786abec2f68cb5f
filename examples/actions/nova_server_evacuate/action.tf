data "nova_server" "web" {
  name = "web-1"
}

# After the host has burnt down, and its service was forced down.
action "nova_server_evacuate" "web" {
  config {
    server_id = data.nova_server.web.id
    host      = "compute-2"
  }
}
