data "nova_migrations" "running" {
  status = "running"
}

output "servers" {
  value = data.nova_migrations.running.migrations[*].server_id
}
