data "nova_hypervisors" "up" {
  state  = "up"
  status = "enabled"
}

output "free_ram_mb" {
  value = sum(data.nova_hypervisors.up.hypervisors[*].free_ram_mb)
}
