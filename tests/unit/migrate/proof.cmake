cutover_unit_test(migrate test_headkey.c)
cutover_unit_test(migrate test_match.c scripted.c)
