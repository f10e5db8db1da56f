cutover_fuzzer(project_yaml config)
cutover_fuzzer(users_csv config)
