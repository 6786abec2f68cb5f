# A floating IP is imported by its id or its address.
terraform import nova_floating_ip.web 3f0c2f8e-0b27-4b0e-8c5c-63f7d4a0b1c2
terraform import nova_floating_ip.web 198.51.100.7
