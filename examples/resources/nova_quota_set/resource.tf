resource "nova_quota_set" "finance" {
  project_id = "1f9e0d1fd51f4e2e8f4b4a0f8c2d7a55"
  instances  = 50
  cores      = 200
  ram        = 409600
  key_pairs  = -1 # as many as they like
}

# Of that, one of its users gets no more than this.
resource "nova_quota_set" "trainee" {
  project_id = nova_quota_set.finance.project_id
  user_id    = "9a8b7c6d5e4f4a3b8c2d1e0f9a8b7c6d"
  instances  = 2
  cores      = 4
}
