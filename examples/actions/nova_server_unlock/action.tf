# terraform apply -invoke=action.nova_server_unlock.votes
action "nova_server_unlock" "votes" {
  config {
    server_id = nova_server.votes.id
  }
}
