# Overwrites the root disk with the newest image; addresses and volumes stay.
action "nova_server_rebuild" "web" {
  config {
    server_id = nova_server.web.id
    image_id  = data.nova_image.debian.id
    metadata  = { rebuilt = "yes" }
    user_data = file("${path.module}/cloud-init.yaml")
  }
}
