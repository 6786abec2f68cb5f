data "nova_server" "web" {
  name = "web-1"
}

data "nova_image" "rescue" {
  name        = "rescue"
  most_recent = true
}

# Boots from a rescue image, with the server's own disk beside it.
action "nova_server_rescue" "web" {
  config {
    server_id = data.nova_server.web.id
    image_id  = data.nova_image.rescue.id
  }
}
