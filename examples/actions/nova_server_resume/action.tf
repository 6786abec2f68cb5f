# terraform apply -invoke=action.nova_server_resume.web
action "nova_server_resume" "web" {
  config {
    server_id = nova_server.web.id
  }
}
