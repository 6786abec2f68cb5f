# A server that you can log into. `make demo` applies this to a cloud on this machine; with a provider
# block or OS_* variables for your own cloud, terraform apply does the same there.

terraform {
  required_providers {
    nova = {
      source = "terraform-provider-nova/nova"
    }
  }
}

provider "nova" {}

variable "image" {
  description = "The name of the image to boot from."
  type        = string
  default     = "mockcloud-guest"
}

data "nova_image" "guest" {
  name = var.image
}

data "nova_flavor" "small" {
  name = "m1.micro"
}

# Without a public key Nova makes the pair. The private key is in Terraform's state, which is right for a
# demo and nowhere else.
resource "nova_keypair" "login" {
  name = "first-server"
}

resource "nova_server" "first" {
  name      = "first-server"
  image_id  = data.nova_image.guest.id
  flavor_id = data.nova_flavor.small.id
  key_name  = nova_keypair.login.name

  user_data = <<-EOT
    #!/bin/sh
    echo "user_data ran on $(hostname)"
  EOT

  metadata = {
    made-by = "terraform"
  }
}

output "id" {
  value = nova_server.first.id
}

output "addresses" {
  value = nova_server.first.addresses
}

output "private_key" {
  value     = nova_keypair.login.private_key
  sensitive = true
}
