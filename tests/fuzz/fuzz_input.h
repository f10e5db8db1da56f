/* fuzz_input.h - for fuzzers of code that reads a file: the input as a file in memory. */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FUZZ_PATH_MAX = 32 };

/* Puts the bytes under /proc/self/fd/N into `path`; returns N, to be closed. */
static inline int fuzz_file(const uint8_t *data, size_t size, char path[FUZZ_PATH_MAX])
{
	int fd = memfd_create("input", MFD_CLOEXEC);
	if (fd < 0 || (size > 0 && write(fd, data, size) != (ssize_t)size))
		abort();
	if (snprintf(path, FUZZ_PATH_MAX, "/proc/self/fd/%d", fd) < 0)
		abort();
	return fd;
}

#endif
