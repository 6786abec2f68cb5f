variable "project_id" {
  description = "The id of the project."
  type        = string
}

variable "user_id" {
  description = "The id of the user."
  type        = string
}

resource "nova_quota_set" "finance" {
  project_id = var.project_id
  instances  = 50
  cores      = 200
  ram        = 409600
  key_pairs  = -1 # as many as they like
}

# Of that, one of its users gets no more than this.
resource "nova_quota_set" "trainee" {
  project_id = nova_quota_set.finance.project_id
  user_id    = var.user_id
  instances  = 2
  cores      = 4
}
