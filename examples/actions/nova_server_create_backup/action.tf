data "nova_server" "web" {
  name = "web-1"
}

# The nightly backup; seven of them stay.
action "nova_server_create_backup" "web" {
  config {
    server_id   = data.nova_server.web.id
    name        = "web-nightly"
    backup_type = "daily"
    rotation    = 7
  }
}
