resource "nova_security_group" "database" {
  name = "database"
}

resource "nova_security_group" "application" {
  name = "application"
}

resource "nova_security_group_rule" "postgresql" {
  security_group_id = nova_security_group.database.id
  protocol          = "tcp"
  port_range_min    = 5432
  remote_group_id   = nova_security_group.application.id
}
