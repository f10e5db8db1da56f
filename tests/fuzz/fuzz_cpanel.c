/*
 * Any bytes as cPanel's answers: JSON with base64 in it, of any shape.
 */
#include <stdint.h>

#include "fuzz_coded.h"
#include "registrars/cpanel/cpanel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_coded(&registrar_cpanel, data, size);
}
