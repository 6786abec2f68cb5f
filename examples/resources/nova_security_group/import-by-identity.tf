import {
  to = nova_security_group.web
  identity = {
    id = "5d0b1e0e-9a3d-4c57-b5f5-8a6f3d0a6d0e"
  }
}
