resource "nova_aggregate" "gpu" {
  name = "gpu"

  metadata = {
    gpu = "true"
  }
}

# Other hosts of the aggregate are left alone.
resource "nova_aggregate_host" "gpu" {
  for_each = toset(["compute-1", "compute-2"])

  aggregate_id = nova_aggregate.gpu.id
  host         = each.key
}
