# A quota set is imported by the project's id, or by the ids of project and user.
terraform import nova_quota_set.finance 1f9e0d1fd51f4e2e8f4b4a0f8c2d7a55
terraform import nova_quota_set.trainee 1f9e0d1fd51f4e2e8f4b4a0f8c2d7a55/9a8b7c6d5e4f4a3b8c2d1e0f9a8b7c6d
