variable "server_id" {
  description = "The id of a server."
  type        = string
}

data "nova_volume_attachments" "db" {
  server_id = var.server_id
}

output "devices" {
  value = { for v in data.nova_volume_attachments.db.volumes : v.volume_id => v.device }
}
