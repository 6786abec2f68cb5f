# What projects may use that have no quotas of their own.
resource "nova_quota_class_set" "default" {
  instances = 20
  cores     = 40
  ram       = 102400
}
