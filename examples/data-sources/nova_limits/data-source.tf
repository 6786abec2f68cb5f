data "nova_limits" "project" {}

output "cores_left" {
  value = data.nova_limits.project.max_cores - data.nova_limits.project.cores_used
}
