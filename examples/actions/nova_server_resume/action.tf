data "nova_server" "web" {
  name = "web-1"
}

# terraform apply -invoke=action.nova_server_resume.web
action "nova_server_resume" "web" {
  config {
    server_id = data.nova_server.web.id
  }
}
