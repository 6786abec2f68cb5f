import {
  to = nova_server_group.database
  identity = {
    id = "6b1e0a5c-1d0c-4a7b-9d58-4dc1a2d9e0f3"
  }
}
