data "nova_server" "votes" {
  name = "votes"
}

# terraform apply -invoke=action.nova_server_unlock.votes
action "nova_server_unlock" "votes" {
  config {
    server_id = data.nova_server.votes.id
  }
}
