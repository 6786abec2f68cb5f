data "nova_server" "web" {
  name = "web-1"
}

# Moves the server while its guest runs; a guest that is too busy pauses at the end.
action "nova_server_live_migrate" "web" {
  config {
    server_id            = data.nova_server.web.id
    force_complete_after = "5m"
    abort_on_timeout     = true
    timeouts             = { invoke = "30m" }
  }
}
