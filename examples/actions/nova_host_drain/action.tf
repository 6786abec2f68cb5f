# Maintenance: terraform apply -invoke=action.nova_host_drain.compute_3
action "nova_host_drain" "compute_3" {
  config {
    host                 = "compute-3"
    reason               = "New memory, ticket 4711"
    parallel             = 4
    server_timeout       = "20m"
    force_complete_after = "10m"
    timeouts             = { invoke = "4h" }
  }
}
