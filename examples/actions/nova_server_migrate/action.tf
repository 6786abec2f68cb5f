data "nova_server" "web" {
  name = "web-1"
}

# Moves the server, stopped meanwhile, to a host with newer processors.
action "nova_server_migrate" "web" {
  config {
    server_id = data.nova_server.web.id
    host      = "compute-7"
  }
}
