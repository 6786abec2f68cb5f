data "nova_image" "debian" {
  name        = "debian-12"
  most_recent = true
}

data "nova_flavor" "small" {
  min_vcpus = 1
  min_ram   = 1024
}

data "nova_network" "private" {
  name = "private"
}

resource "nova_security_group" "web" {
  name  = "web"
  rules = [{ protocol = "tcp", port_range_min = 80 }]
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

  networks        = [{ uuid = data.nova_network.private.id }]
  security_groups = ["default", nova_security_group.web.name]

  metadata = {
    role = "web"
  }

  user_data = <<-EOT
    #cloud-config
    packages: [nginx]
  EOT

  # A new image is worth a new server; a change of user data is looked at by a person first.
  image_change     = "replace"
  user_data_change = "error"

  # Created means that the guest is up.
  wait_for = {
    console_log = "login:"
  }

  # Started again by the next apply if someone stops it, and nobody but Terraform deletes it.
  power_state           = "active"
  locked                = true
  lock_reason           = "serves the web site"
  unlock_before_destroy = true

  timeouts = {
    create = "10m"
  }
}

# A server that is put away until it is needed, on a host apart from the other's.
resource "nova_server" "spare" {
  name      = "web-2"
  image_id  = data.nova_image.debian.id
  flavor_id = data.nova_flavor.small.id

  network_mode = "auto"
  power_state  = "shelved_offloaded"

  scheduler_hints = {
    different_host = [nova_server.web.id]
  }

  stop_before_destroy = true
  stop_timeout        = "2m"
}

output "addresses" {
  value = nova_server.web.addresses
}
