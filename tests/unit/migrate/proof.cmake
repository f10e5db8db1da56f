cutover_unit_test(migrate test_headkey.c)
cutover_unit_test(migrate test_match.c scripted.c)
cutover_unit_test(migrate test_repair.c)
cutover_unit_test(migrate test_proof.c scripted.c)
