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

  # Created means that the web server answers.
  wait_for = {
    console_log = "Cloud-init .* finished"
    port        = { port = 80 }
  }

  # Started again by the next apply if someone stops it, and nobody deletes it by mistake.
  power_state = "active"
  locked      = true
  lock_reason = "serves the web site"

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

  # The password is neither in the plan nor in the state.
  admin_pass_wo         = var.admin_pass
  admin_pass_wo_version = 1

  stop_before_destroy = true
  stop_timeout        = "2m"
}

variable "admin_pass" {
  type      = string
  sensitive = true
  ephemeral = true
}

# Boots from a volume that outlives it, and gets and loses interfaces and volumes while it runs.
resource "nova_server" "db" {
  name      = "db-1"
  flavor_id = data.nova_flavor.small.id

  boot_volume = {
    image_id = data.nova_image.debian.id
    size     = 20
    tag      = "root"
  }
  volumes = [
    { volume_id = "2b6b8b1e-6b7c-4d41-8c21-d2d9c8f3c9a0", tag = "data" },
  ]
  networks = [
    { uuid = "8d3a4a3c-6c5b-4b6e-9b6a-0b4c8f6f7d11", fixed_ip = "10.0.0.15" },
    { port = "7b1f3d92-6b7e-4e0e-9a2c-52d1f0a9c3e8", tag = "storage" },
  ]
}

output "addresses" {
  value = nova_server.web.addresses
}
