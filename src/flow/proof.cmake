target_sources(cutover_flow PRIVATE copy_policy.c)
