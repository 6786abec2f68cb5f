data "nova_image" "debian" {
  name        = "debian-12"
  most_recent = true
}

data "nova_flavor" "small" {
  name = "m1.small"
}

# Locks the server as soon as it is built: only administrators can delete it then.
resource "nova_server" "votes" {
  name      = "votes"
  image_id  = data.nova_image.debian.id
  flavor_id = data.nova_flavor.small.id

  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.nova_server_lock.votes]
    }
  }
}

action "nova_server_lock" "votes" {
  config {
    server_id = nova_server.votes.id
    reason    = "It counts votes until Sunday."
  }
}
