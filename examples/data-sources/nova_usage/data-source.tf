data "nova_usage" "january" {
  start = "2026-01-01T00:00:00Z"
  end   = "2026-02-01T00:00:00Z"
}

output "vcpu_hours" {
  value = data.nova_usage.january.vcpu_hours
}
