# An association is imported by the id or the address of its floating IP.
terraform import nova_floating_ip_association.web 3f0c2f8e-0b27-4b0e-8c5c-63f7d4a0b1c2
terraform import nova_floating_ip_association.web 198.51.100.7
