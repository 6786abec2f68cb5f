# Boots from a rescue image, with the server's own disk beside it.
action "nova_server_rescue" "web" {
  config {
    server_id = nova_server.web.id
    image_id  = data.nova_image.rescue.id
  }
}
