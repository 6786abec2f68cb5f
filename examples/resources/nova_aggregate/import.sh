# An aggregate is imported by its id or its name.
terraform import nova_aggregate.ssd 3
terraform import nova_aggregate.ssd ssd
