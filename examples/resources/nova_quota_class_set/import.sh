# A quota class is imported by its name.
terraform import nova_quota_class_set.default default
