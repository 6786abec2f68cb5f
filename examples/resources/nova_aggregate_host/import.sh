# A host of an aggregate is imported by the aggregate's id or name and the host's name.
terraform import 'nova_aggregate_host.gpu["compute-3"]' 5/compute-3
terraform import 'nova_aggregate_host.gpu["compute-3"]' gpu/compute-3
