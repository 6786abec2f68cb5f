import {
  to = nova_security_group_rule.postgresql
  identity = {
    id = "0c7a1f7b-1f0e-4f5c-9a9e-2f6d3c1b7e55"
  }
}
