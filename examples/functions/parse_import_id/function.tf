locals {
  attachment = provider::nova::parse_import_id(
    "nova_volume_attachment",
    "4f4b21f8-8a8c-4b1c-8d3d-7bd51e4d1c0b/0b9a5a7c-3f0e-4b5e-8a6e-6f9a2f5a2d11",
  )
}

output "server_id" {
  value = local.attachment.server_id
}
