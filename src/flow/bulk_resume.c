/*
 * Which domains a file of audits has already. A million of them must fit: 16 octets of the
 * SHA-256 of each name, sorted once, found by halving.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "flow/bulk.h"
#include "zone/dname.h"

enum { KEY_LEN = 16, LINE_MAX_LEN = 16 << 20 };

struct key {
	unsigned char at[KEY_LEN];
};

struct bulk_seen {
	struct key *keys; /* owned; sorted */
	size_t n, cap;
};

const char *bulk_line_domain(struct arena *a, struct slice line)
{
	struct err e = { 0 };
	struct js *v = js_parse(line, &e);
	const char *domain = NULL;
	if (js_is_object(v) && js_get_int(v, "version") == 1 && js_get(v, "findings") != NULL)
		domain = dname_canon(a, js_get_str(v, "domain"), &e);
	js_free(v);
	return domain;
}

static struct key key_of(const char *canonical)
{
	struct key k;
	unsigned char digest[SHA256_LEN];
	sha256_of(slice_str(canonical), digest);
	memcpy(k.at, digest, sizeof(k.at));
	return k;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct key));
}

/* By half of what there is, so that the growth itself needs little. */
static void add(struct bulk_seen *s, struct key k)
{
	if (s->n == s->cap) {
		s->cap += s->cap / 2 + 1024;
		s->keys = mem_grow(s->keys, s->cap * sizeof(*s->keys));
	}
	s->keys[s->n++] = k;
}

static void add_line(struct bulk_seen *s, struct slice line)
{
	struct arena *a = arena_new();
	const char *domain = bulk_line_domain(a, line);
	if (domain != NULL)
		add(s, key_of(domain));
	arena_free(a);
}

static int read_lines(struct bulk_seen *s, FILE *in, bool *half_r)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	while ((len = getline(&line, &size, in)) > 0) {
		*half_r = line[len - 1] != '\n';
		if (len < LINE_MAX_LEN && !*half_r)
			add_line(s, (struct slice){ line, (size_t)len });
	}
	free(line);
	return ferror(in) ? -1 : 0;
}

int bulk_seen_load(const char *path, struct bulk_seen **seen_r, bool *half_r, struct err *e)
{
	FILE *in = fopen(path, "re");
	*half_r = false;
	*seen_r = mem_alloc(sizeof(**seen_r));
	if (in == NULL && errno == ENOENT)
		return 0;
	int rc = in != NULL ? read_lines(*seen_r, in, half_r) : -1;
	if (rc != 0) {
		(void)err_errno(e, ERR_USAGE, "reading what '%s' has already", path);
		(void)err_hint(e, "name the file that the output of --jsonl went to");
		bulk_seen_free(*seen_r);
		*seen_r = NULL;
	} else if ((*seen_r)->n > 0) {
		qsort((*seen_r)->keys, (*seen_r)->n, sizeof(*(*seen_r)->keys), compare);
	}
	if (in != NULL)
		(void)fclose(in);
	return rc;
}

void bulk_seen_free(struct bulk_seen *s)
{
	if (s == NULL)
		return;
	free(s->keys);
	free(s);
}

bool bulk_seen_has(const struct bulk_seen *s, const char *domain)
{
	struct err e = { 0 };
	struct arena *a = arena_new();
	const char *name = s->n > 0 ? dname_canon(a, domain, &e) : NULL;
	struct key k = name != NULL ? key_of(name) : (struct key){ { 0 } };
	bool has = name != NULL && bsearch(&k, s->keys, s->n, sizeof(k), compare) != NULL;
	arena_free(a);
	return has;
}
