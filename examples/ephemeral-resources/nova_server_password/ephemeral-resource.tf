data "nova_server" "windows" {
  name = "windows-1"
}

variable "private_key" {
  type      = string
  sensitive = true
  ephemeral = true
}

ephemeral "nova_server_password" "administrator" {
  server_id   = data.nova_server.windows.id
  private_key = var.private_key

  timeouts = {
    open = "30m"
  }
}
