data "nova_server" "web" {
  name = "web-1"
}

data "nova_image" "debian" {
  name        = "debian-12"
  most_recent = true
}

# Overwrites the root disk with the newest image; addresses and volumes stay.
action "nova_server_rebuild" "web" {
  config {
    server_id = data.nova_server.web.id
    image_id  = data.nova_image.debian.id
    metadata  = { rebuilt = "yes" }
    user_data = <<-EOT
      #cloud-config
      packages: [nginx]
    EOT
  }
}
