import {
  to = nova_aggregate.ssd
  identity = {
    id = "3"
  }
}
