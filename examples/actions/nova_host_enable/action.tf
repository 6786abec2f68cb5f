# After the maintenance: terraform apply -invoke=action.nova_host_enable.compute_3
action "nova_host_enable" "compute_3" {
  config {
    host = "compute-3"
  }
}
