import {
  to = nova_aggregate_host.gpu["compute-3"]
  identity = {
    aggregate_id = "5"
    host         = "compute-3"
  }
}
