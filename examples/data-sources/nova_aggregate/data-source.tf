data "nova_aggregate" "fast" {
  name = "fast-disks"
}

output "hosts" {
  value = data.nova_aggregate.fast.hosts
}
