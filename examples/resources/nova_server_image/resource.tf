data "nova_server" "db" {
  name = "db-1"
}

resource "nova_server_image" "before_upgrade" {
  server_id = data.nova_server.db.id
  name      = "db-1 before the upgrade"

  properties = {
    purpose = "rollback"
  }

  timeouts = {
    create = "1h"
  }
}
