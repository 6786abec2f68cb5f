data "nova_server" "web" {
  name = "web-1"
}

# A change of the settings reaches the guest with a reboot.
resource "nova_server_metadata" "web" {
  server_id = data.nova_server.web.id
  metadata  = { release = "2026.11" }

  lifecycle {
    action_trigger {
      events  = [after_update]
      actions = [action.nova_server_reboot.web]
    }
  }
}

action "nova_server_reboot" "web" {
  config {
    server_id = data.nova_server.web.id
    type      = "soft"
    timeouts  = { invoke = "10m" }
  }
}
