data "nova_aggregates" "ssd" {
  with_metadata = {
    ssd = "true"
  }
}

output "hosts" {
  value = toset(flatten(data.nova_aggregates.ssd.aggregates[*].hosts))
}
