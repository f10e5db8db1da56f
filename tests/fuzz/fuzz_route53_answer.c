/*
 * Any bytes as Route 53's answers: XML of any shape.
 */
#include <stdint.h>

#include "fuzz_coded.h"
#include "registrars/route53/route53.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_coded(&registrar_route53, data, size);
}
