import {
  to = nova_quota_class_set.default
  identity = {
    name = "default"
  }
}
