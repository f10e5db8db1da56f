/*
 * driver - the least that a copy can be, as the yardstick for cutover. For the bench only.
 *
 *   driver CA SRC_HOST=ADDRESS SRC_USER SRC_SECRET DST_HOST=ADDRESS DST_USER DST_SECRET [MULTI]
 *
 * The secrets are files. Stateless, one folder after another: EXAMINE and one FETCH of
 * all in one flight, each body streamed into a pipelined APPEND (MULTI > 1: into
 * MULTIAPPENDs of so many). It remembers nothing, hashes nothing, writes nothing to disk,
 * retries nothing and trusts both servers: no tool that can be killed and asked "what is missing"
 * can do less work. Exit 0 when every APPEND was acknowledged.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "link.h"

enum { FOLDERS_MAX = 1000, BUFFER_MAX = 256 * 1024, NAME_MAX_LEN = 512 };

struct folder {
	char src[NAME_MAX_LEN], dst[NAME_MAX_LEN];
};

struct copy {
	struct link *src, *dst;
	struct folder folders[FOLDERS_MAX];
	size_t n_folders;
	const struct folder *folder; /* being copied */
	unsigned multi;              /* messages an APPEND */
	unsigned in_command;         /* of these, said already */
	uint64_t left;               /* bytes of the body that passes */
	bool in_body, fetched;
	unsigned long said, acknowledged; /* commands to the target */
	unsigned long messages;
	uint64_t bytes;
};

/* Says one command and reads to its tagged answer; untagged lines go to `each`. */
static void command(struct copy *c, struct link *l, const char *text,
		    void (*each)(struct copy *c, const char *line))
{
	char *line;
	link_sayf(l, "x %s\r\n", text);
	for (;;) {
		while ((line = link_line(l)) != NULL) {
			if (strncmp(line, "x ", 2) == 0) {
				if (strncmp(line, "x OK", 4) != 0)
					die("refused: %s", line);
				return;
			}
			if (each != NULL)
				each(c, line);
		}
		if (!link_flush(l) && !link_fill(l))
			link_wait(l, true, l, true);
	}
}

/* LIST (...) "." "INBOX.A.B", source: prefix INBOX. and dots; target: no prefix and slashes. */
static void on_list(struct copy *c, const char *line)
{
	const char *name = strstr(line, "\".\" ");
	if (strncmp(line, "* LIST", 6) != 0 || name == NULL || strstr(line, "\\Noselect") != NULL)
		return;
	if (c->n_folders == FOLDERS_MAX || strlen(name) >= NAME_MAX_LEN)
		die("too many folders");
	struct folder *f = &c->folders[c->n_folders++];
	(void)snprintf(f->src, sizeof(f->src), "%s", name + 4);
	bool quoted = f->src[0] == '"';
	const char *bare = f->src + quoted;
	if (strncmp(bare, "INBOX.", 6) == 0)
		bare += 6;
	(void)snprintf(f->dst, sizeof(f->dst), "%s%s", quoted ? "\"" : "", bare);
	for (char *p = f->dst; *p != '\0'; p++)
		if (*p == '.')
			*p = '/';
}

/* \Recent is the server's own and cannot be given; blanks in its place do no harm. */
static void without_recent(char *line)
{
	char *at = strstr(line, "\\Recent");
	if (at != NULL)
		memset(at, ' ', strlen("\\Recent"));
}

/* The text between two marks of the line, or "" */
static const char *between(const char *line, const char *from, char to, int *len_r)
{
	const char *at = strstr(line, from);
	const char *end = at != NULL ? strchr(at + strlen(from), to) : NULL;
	*len_r = end != NULL ? (int)(end - at - (ptrdiff_t)strlen(from)) : 0;
	return end != NULL ? at + strlen(from) : "";
}

static void begin_message(struct copy *c, char *line)
{
	without_recent(line);
	int n_flags;
	int n_date;
	const char *flags = between(line, "FLAGS (", ')', &n_flags);
	const char *date = between(line, "INTERNALDATE \"", '"', &n_date);
	c->left = strtoull(strrchr(line, '{') + 1, NULL, 10);
	if (c->in_command == 0)
		link_sayf(c->dst, "a APPEND %s", c->folder->dst);
	link_sayf(c->dst, " (%.*s) \"%.*s\" {%llu+}\r\n", n_flags, flags, n_date, date,
		  (unsigned long long)c->left);
	c->messages++;
	c->bytes += c->left;
	c->in_body = true;
}

static void end_command(struct copy *c)
{
	if (c->in_command == 0)
		return;
	link_say(c->dst, "\r\n", 2);
	c->in_command = 0;
	c->said++;
}

static void end_message(struct copy *c)
{
	c->in_body = false;
	if (++c->in_command == c->multi)
		end_command(c);
}

static bool pass_body(struct copy *c)
{
	const char *at;
	size_t n = link_bytes(c->src, c->left < SIZE_MAX ? (size_t)c->left : SIZE_MAX, &at);
	link_say(c->dst, at, n);
	c->left -= n;
	if (c->left == 0)
		end_message(c);
	return n > 0 || c->left == 0;
}

static bool src_line(struct copy *c)
{
	char *line = link_line(c->src);
	if (line == NULL)
		return false;
	size_t len = strlen(line);
	if (line[0] == '*' && len > 0 && line[len - 1] == '}')
		begin_message(c, line);
	if (strncmp(line, "f ", 2) == 0) {
		if (strncmp(line, "f OK", 4) != 0)
			die("FETCH: %s", line);
		c->fetched = true;
		end_command(c);
	}
	return true;
}

/* The source is read only while there is room for what it says. */
static bool pump_src(struct copy *c)
{
	bool any = link_flush(c->src);
	if (link_waiting(c->dst) >= BUFFER_MAX)
		return any;
	any |= link_fill(c->src);
	while (link_waiting(c->dst) < BUFFER_MAX && (c->in_body ? pass_body(c) : src_line(c)))
		any = true;
	return any;
}

static bool pump_dst(struct copy *c)
{
	const char *line;
	bool any = link_flush(c->dst);
	any |= link_fill(c->dst);
	while ((line = link_line(c->dst)) != NULL) {
		any = true;
		if (strncmp(line, "a OK", 4) == 0)
			c->acknowledged++;
		else if (strncmp(line, "a ", 2) == 0)
			die("APPEND: %s", line);
	}
	return any;
}

/* A folder that is there already answers NO to CREATE; nobody minds. */
static void copy_folder(struct copy *c, const struct folder *f)
{
	c->folder = f;
	c->fetched = false;
	link_sayf(c->src, "e EXAMINE %s\r\nf UID FETCH 1:* (FLAGS INTERNALDATE BODY.PEEK[])\r\n",
		  f->src);
	link_sayf(c->dst, "c CREATE %s\r\n", f->dst);
	while (!c->fetched || c->acknowledged < c->said) {
		bool src = pump_src(c);
		bool dst = pump_dst(c);
		if (!src && !dst)
			link_wait(c->src, link_waiting(c->dst) < BUFFER_MAX, c->dst, true);
	}
}

static struct link *logged_in(struct copy *c, char **argv, const char *ca_file)
{
	char secret[256] = "";
	char words[1024];
	char *address = strchr(argv[0], '=');
	FILE *file = fopen(argv[2], "r");
	if (address == NULL || file == NULL || fgets(secret, sizeof(secret), file) == NULL)
		die("'%s' is not HOST=ADDRESS, or there is no secret in '%s'", argv[0], argv[2]);
	(void)fclose(file);
	*address++ = '\0';
	struct link *l = link_open(&(struct link_opts){ argv[0], address, ca_file });
	(void)snprintf(words, sizeof(words), "LOGIN %s %s", argv[1], secret);
	command(c, l, words, NULL);
	return l;
}

int main(int argc, char **argv)
{
	if (argc < 8)
		die("usage: driver CA SRC_HOST=ADDRESS USER SECRET DST_HOST=ADDRESS USER SECRET "
		    "[MULTI]");
	struct copy *c = calloc(1, sizeof(*c));
	if (c == NULL)
		die("out of memory");
	c->multi = argc > 8 ? (unsigned)strtoul(argv[8], NULL, 10) : 1;
	c->src = logged_in(c, argv + 2, argv[1]);
	c->dst = logged_in(c, argv + 5, argv[1]);
	command(c, c->src, "LIST \"\" \"*\"", on_list);
	for (size_t i = 0; i < c->n_folders; i++)
		copy_folder(c, &c->folders[i]);
	(void)printf("%lu messages, %llu bytes, %lu commands\n", c->messages,
		     (unsigned long long)c->bytes, c->said);
	link_close(c->src);
	link_close(c->dst);
	free(c);
	return 0;
}
