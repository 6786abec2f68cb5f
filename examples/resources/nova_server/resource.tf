data "nova_image" "debian" {
  name        = "debian-12"
  most_recent = true
}

data "nova_flavor" "small" {
  min_vcpus = 1
  min_ram   = 1024
}

resource "nova_keypair" "admin" {
  name       = "admin"
  public_key = file("~/.ssh/id_ed25519.pub")
}

resource "nova_server" "web" {
  name      = "web-1"
  image_id  = data.nova_image.debian.id
  flavor_id = data.nova_flavor.small.id
  key_name  = nova_keypair.admin.name

  networks = [
    { uuid = "8d3a4a3c-6c5b-4b6e-9b6a-0b4c8f6f7d11" },
  ]
  security_groups = ["default", "web"]

  metadata = {
    role = "web"
  }

  user_data = <<-EOT
    #cloud-config
    packages: [nginx]
  EOT

  # Started again by the next apply if someone stops it.
  power_state = "active"

  timeouts = {
    create = "10m"
  }
}

output "addresses" {
  value = nova_server.web.addresses
}
