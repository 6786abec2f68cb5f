import {
  to = nova_server_metadata.backup
  identity = {
    server_id = "616fb98f-46ca-475e-917e-2563e5a8cd19"
    key       = "backup:schedule"
  }
}
