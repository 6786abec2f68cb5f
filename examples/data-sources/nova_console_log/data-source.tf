data "nova_server" "web" {
  name = "web"
}

# The fingerprints of the host's keys, as cloud-init prints them.
data "nova_console_log" "keys" {
  server_id = data.nova_server.web.id
  pattern   = "ci-info: .*(SHA256:\\S+)"
}

output "fingerprints" {
  value = nonsensitive(data.nova_console_log.keys.matches)
}
