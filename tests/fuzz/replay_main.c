/*
 * replay_main.c - runs a fuzzer's kept corpus without libFuzzer: each file of the
 * directories (or files) named on the command line goes through once.
 */
#include <dirent.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t run_file(const char *path)
{
	struct buf b;
	struct err e = { 0 };
	buf_init(&b);
	if (file_read(path, 16 << 20, &b, &e) != 0) {
		(void)fprintf(stderr, "%s\n", e.text);
		exit(1);
	}
	(void)LLVMFuzzerTestOneInput((const uint8_t *)b.at, b.len);
	buf_release(&b);
	return 1;
}

static size_t run_path(const char *path)
{
	DIR *dir = opendir(path);
	if (dir == NULL)
		return run_file(path);
	size_t n = 0;
	for (const struct dirent *d = readdir(dir); d != NULL; d = readdir(dir)) {
		if (d->d_name[0] == '.')
			continue;
		struct arena *a = arena_new();
		n += run_file(arena_printf(a, "%s/%s", path, d->d_name));
		arena_free(a);
	}
	closedir(dir);
	return n;
}

int main(int argc, char **argv)
{
	size_t n = 0;
	for (int i = 1; i < argc; i++)
		n += run_path(argv[i]);
	printf("%zu inputs\n", n);
	return n > 0 ? 0 : 1; /* an empty corpus proves nothing */
}
