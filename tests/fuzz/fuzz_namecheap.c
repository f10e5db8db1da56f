/*
 * Any bytes as Namecheap's answers: XML of any shape, with HTTP statuses that mean little.
 */
#include <stdint.h>

#include "fuzz_coded.h"
#include "registrars/namecheap/namecheap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_coded(&registrar_namecheap, data, size);
}
