data "nova_server" "web" {
  name = "web-1"
}

data "nova_server" "db" {
  name = "db-1"
}

# ssh -F ssh_config web-1
output "ssh_config" {
  value = provider::nova::ssh_config([data.nova_server.web, data.nova_server.db], {
    user          = { web-1 = "ubuntu", db-1 = "debian" }
    identity_file = "~/.ssh/id_ed25519"
  })
}
