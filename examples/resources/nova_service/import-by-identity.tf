import {
  to = nova_service.maintenance
  identity = {
    host = "compute-7"
  }
}
