# A service is imported by host and binary, by the host alone if it is nova-compute, or by its id.
terraform import nova_service.maintenance compute-7:nova-compute
terraform import nova_service.maintenance compute-7
terraform import nova_service.maintenance e81d66a4-ddd3-4aba-8a84-171d1cb4d339
