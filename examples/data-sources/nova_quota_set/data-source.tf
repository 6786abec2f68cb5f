data "nova_quota_set" "project" {}

output "instances" {
  value = "${data.nova_quota_set.project.in_use.instances} of ${data.nova_quota_set.project.instances}"
}
