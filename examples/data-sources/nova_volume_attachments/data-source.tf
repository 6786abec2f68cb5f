data "nova_volume_attachments" "db" {
  server_id = "3f0f1b0e-9d0a-4f7e-8a55-1c2d3e4f5a6b"
}

output "devices" {
  value = { for v in data.nova_volume_attachments.db.volumes : v.volume_id => v.device }
}
