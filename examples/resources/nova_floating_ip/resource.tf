resource "nova_floating_ip" "web" {
  pool        = "public"
  description = "The address of the web site"
  tags        = ["web"]
}
