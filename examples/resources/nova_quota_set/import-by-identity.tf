import {
  to = nova_quota_set.finance
  identity = {
    project_id = "1f9e0d1fd51f4e2e8f4b4a0f8c2d7a55"
  }
}
