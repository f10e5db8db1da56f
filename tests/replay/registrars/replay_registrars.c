/*
 * A case is one text file: a described provider, what is wanted of it, and the whole dialogue with
 * its API. The world is played from the file: a request that does not stand there next, or a line
 * of it that differs, fails the case; so does a dialogue that was not used up.
 *
 *   provider godaddy                    the description, or a provider of code
 *   description zone-host.json          a description of a test's own, beside this one
 *   zone example.org
 *   secret key K · option base_url U    the project's values
 *   secretfile key F                    a secret that is a file's content, F beside this one
 *   change example.org. MX              an RRset to be changed, then its values:
 *   before 3600 10 mx1.example.net.
 *   after 300 10 mx1.example.net.       or zone:300, the zone's own TTL
 *   do list | do read NAME TYPE | do apply | do snapshot | do restore ID
 *   > GET https://…                     a request; then, if it matters, headers and the body
 *   > Authorization: sso-key K:S
 *   > [{"data":"x"}]                    JSON as such; behind a = byte for byte
 *   < 200                               its answer; then headers and the body
 *   < Link: <https://…>; rel="next"
 *   < {"records":[]}
 *   < cut | < unreachable               instead of an answer
 *   > {"id":1,"method":"hello",…}       to a plugin: a line; < its lines, until the answer is whole
 *   expect applied all|none|partial|unknown|beyond
 *   expect error WORDS · expect hint WORDS
 *   expect rrset NAME TYPE TTL RDATA    one line a value, in canonical order
 *   expect none NAME TYPE · expect rrsets N · expect waited MS · expect starts N
 *   expect snapshot ID
 *   expect note WORDS · expect hides WORDS  in no note, error or hint
 *
 * Lines that begin with a blank go on with the line before; # begins a remark.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/vec.h"
#include "registrars/call.h"
#include "registrars/cpanel/cpanel.h"
#include "registrars/namecheap/namecheap.h"
#include "registrars/process/process.h"
#include "registrars/rest/rest.h"
#include "registrars/route53/route53.h"
#include "zone/dname.h"

enum { FILE_MAX = 4 << 20 };

struct lines {
	VEC(const char *) list;
	size_t at;
};

struct replay {
	struct arena *a;
	const char *providers; /* folder */
	const char *folder;    /* of the case */
	struct lines script;
	struct lines dialogue; /* the lines that begin with > or < */
	const struct registrar *provider;
	struct described *described; /* NULL for a provider of code */
	const char *zone;
	VEC(struct registrar_value) values;
	VEC(struct secret *) secrets;
	VEC(struct change) changes;
	struct registrar_host host;
	struct fake_clock clock;
	struct seeded_rng rng;
	int64_t waited_ms;
	struct buf notes; /* what a plugin said */
	unsigned starts;  /* of a plugin */
	bool runs;
	/* What came of it. */
	int rc;
	struct err err;
	enum registrar_applied applied;
	const struct zone *found;
	const char *snapshot;
	bool failed;
};

static void fail(struct replay *r, const char *what, const char *want, const char *got)
{
	r->failed = true;
	(void)fprintf(stderr, "%s\n  wanted: %s\n  got:    %s\n", what, want, got);
}

/* -- the file -- */

static void add_line(struct replay *r, struct slice line)
{
	bool is_more = line.len > 0 && line.ptr[0] == ' ' && r->script.list.n > 0;
	struct slice text = slice_trim(line);
	if (text.len == 0 || text.ptr[0] == '#')
		return;
	if (is_more) {
		const char **last = &r->script.list.at[r->script.list.n - 1];
		*last = arena_printf(r->a, "%s%.*s", *last, (int)text.len, text.ptr);
		return;
	}
	*vec_push(r->a, &r->script.list) = arena_slice(r->a, text);
}

static int read_script(struct replay *r, const char *path)
{
	struct buf text;
	buf_init(&text);
	int rc = file_read(path, FILE_MAX, &text, &r->err);
	struct slice rest = buf_slice(&text);
	while (rc == 0 && rest.len > 0)
		add_line(r, slice_until(&rest, '\n'));
	buf_release(&text);
	for (size_t i = 0; i < r->script.list.n; i++) {
		const char *line = r->script.list.at[i];
		if (line[0] == '>' || line[0] == '<')
			*vec_push(r->a, &r->dialogue.list) = line;
	}
	return rc;
}

/* The next word; *rest moves behind it. */
static const char *word(struct replay *r, const char **rest)
{
	struct slice s = slice_str(*rest);
	struct slice w = slice_until(&s, ' ');
	s = slice_trim(s);
	*rest = arena_slice(r->a, s);
	return arena_slice(r->a, w);
}

/* -- the world -- */

static const char *peek(const struct replay *r)
{
	return r->dialogue.at < r->dialogue.list.n ? r->dialogue.list.at[r->dialogue.at] : "";
}

static const char *after_mark(const char *line)
{
	return line[1] == ' ' ? line + 2 : line + 1;
}

/* JSON is compared as such: blanks do not matter. */
static const char *plain(struct replay *r, const char *text)
{
	struct err e;
	struct js *v = text[0] == '{' || text[0] == '[' ? js_parse(slice_str(text), &e) : NULL;
	const char *line = v != NULL ? js_text(r->a, v) : text;
	js_free(v);
	return line;
}

/* The value of the header that the line names; NULL: it was not sent. */
static const char *header_of(const struct registrar_http *q, const char *line)
{
	for (size_t i = 0; i < q->header_n; i++) {
		size_t len = strlen(q->headers[i].name);
		if (strncmp(line, q->headers[i].name, len) == 0 && line[len] == ':')
			return q->headers[i].value;
	}
	return NULL;
}

static void check_header(struct replay *r, const struct registrar_http *q, const char *line)
{
	const char *value = header_of(q, line);
	const char *want = strchr(line, ':') + 2;
	if (value == NULL || !str_eq(value, want))
		fail(r, line, want, value != NULL ? value : "no such header");
}

static bool is_header(const char *line)
{
	const char *colon = strstr(line, ": ");
	return colon != NULL && line[0] != '{' && line[0] != '[' &&
	       (size_t)(colon - line) == strspn(line, "abcdefghijklmnopqrstuvwxyz"
						      "ABCDEFGHIJKLMNOPQRSTUVWXYZ-");
}

static void check_request(struct replay *r, const struct registrar_http *q)
{
	const char *first = arena_printf(r->a, "> %s %s", q->method, q->url);
	const char *body = arena_slice(r->a, q->body);
	if (!str_eq(peek(r), first))
		fail(r, "the request", peek(r), first);
	r->dialogue.at++;
	for (; peek(r)[0] == '>'; r->dialogue.at++) {
		const char *line = after_mark(peek(r));
		if (is_header(line))
			check_header(r, q, line);
		else if (line[0] == '=' && !str_eq(line + 1, body))
			fail(r, first, line + 1, body);
		else if (line[0] != '=' && !str_eq(plain(r, line), plain(r, body)))
			fail(r, first, plain(r, line), plain(r, body));
	}
}

static void add_header(struct replay *r, struct registrar_reply *reply, const char *line)
{
	struct registrar_field *all = ARENA_ARRAY(r->a, reply->header_n + 1,
						  struct registrar_field);
	const char *colon = strstr(line, ": ");
	for (size_t i = 0; i < reply->header_n; i++)
		all[i] = reply->headers[i];
	char *name = arena_slice(r->a, (struct slice){ line, (size_t)(colon - line) });
	str_lower(name);
	all[reply->header_n++] = (struct registrar_field){ name, colon + 2 };
	reply->headers = all;
}

static int status_of(const char *text)
{
	uint64_t v = 0;
	return slice_to_u64(slice_str(text), &v) ? (int)v : 0;
}

static int play_answer(struct replay *r, struct registrar_reply *reply, struct err *e)
{
	const char *first = peek(r)[0] == '<' ? after_mark(peek(r)) : "";
	r->dialogue.at++;
	if (str_eq(first, "cut"))
		return err_set(e, ERR_RETRY, "the connection was cut");
	if (str_eq(first, "unreachable"))
		return err_set(e, ERR_WORLD, "nobody is there");
	*reply = (struct registrar_reply){ .status = status_of(first) };
	for (; peek(r)[0] == '<'; r->dialogue.at++) {
		const char *line = after_mark(peek(r));
		if (strspn(line, "0123456789") == 3 && line[3] == '\0')
			break; /* two answers in a row: the file is wrong, and the next request says
				  so */
		if (is_header(line))
			add_header(r, reply, line);
		else
			reply->body = slice_str(line);
	}
	return 0;
}

static int play_http(void *ctx, struct arena *a, const struct registrar_http *q,
		     struct registrar_reply *reply_r, struct err *e)
{
	struct replay *r = ctx;
	(void)a;
	check_request(r, q);
	return play_answer(r, reply_r, e);
}

/* Every line goes to the sink as it stands: what is no JSON is for the provider to refuse. */
static int play_lines(struct replay *r, const struct registrar_sink *sink, struct err *e)
{
	for (; peek(r)[0] == '<'; r->dialogue.at++) {
		const char *line = after_mark(peek(r));
		if (str_eq(line, "cut") || str_eq(line, "unreachable"))
			break;
		int more = sink->each(sink->ctx, slice_str(line), e);
		if (more <= 0) {
			r->dialogue.at++;
			return more;
		}
	}
	r->dialogue.at += peek(r)[0] == '<' ? 1 : 0;
	return err_set(e, ERR_WORLD, "the plugin was gone");
}

static int play_talk(void *ctx, struct registrar_running *running, const struct registrar_talk *t,
		     struct err *e)
{
	struct replay *r = ctx;
	const char *want = peek(r)[0] == '>' ? plain(r, after_mark(peek(r))) : peek(r);
	const char *got = plain(r, arena_slice(r->a, t->request));
	(void)running;
	if (!str_eq(want, got))
		fail(r, "what the plugin is told", want, got);
	r->dialogue.at++;
	bool reached = !str_eq(peek(r), "< unreachable");
	int rc = play_lines(r, t->sink, e);
	if (rc != 0 && t->writes) /* as the real host judges */
		e->kind = reached ? ERR_RETRY : ERR_WORLD;
	return rc;
}

/* The gift is in the dialogue's first line, where it matters: > gift {"token":"x"} */
static int play_start(void *ctx, const struct registrar_program *program,
		      struct registrar_running **running_r, struct err *e)
{
	struct replay *r = ctx;
	const char *gift = arena_printf(r->a, "> gift %s", secret_expose(program->gift).ptr);
	(void)e;
	if (r->runs)
		fail(r, "a start", "one at a time", program->argv[0]);
	if (str_starts(peek(r), "> gift ") && strncmp(peek(r), gift, strlen(peek(r))) != 0)
		fail(r, "the gift", peek(r), gift);
	r->dialogue.at += str_starts(peek(r), "> gift ") ? 1 : 0;
	r->runs = true;
	r->starts++;
	*running_r = (struct registrar_running *)r; /* any that is not NULL: nobody looks inside */
	return 0;
}

static void play_stop(void *ctx, struct registrar_running *running)
{
	struct replay *r = ctx;
	if (running != NULL)
		r->runs = false;
}

static void play_note(void *ctx, const char *text)
{
	struct replay *r = ctx;
	buf_addf(&r->notes, "%s\n", text);
}

static int play_wait(void *ctx, int64_t ms, const char *why, struct err *e)
{
	struct replay *r = ctx;
	(void)why;
	(void)e;
	r->waited_ms += ms;
	r->clock.at_ms += ms;
	return 0;
}

/* -- what is done -- */

static struct registrar_call *open_call(struct replay *r)
{
	const struct registrar *const table[] = { r->provider, NULL };
	const struct registrar_config config = { r->zone, r->values.n, r->values.at };
	struct registrar_call *c = NULL;
	r->host = (struct registrar_host){ .clock = &r->clock.clock,
					   .rng = &r->rng.rng,
					   .http = play_http,
					   .wait = play_wait,
					   .program_start = play_start,
					   .program_talk = play_talk,
					   .program_stop = play_stop,
					   .note = play_note,
					   .ctx = r };
	r->rc = registrar_open(
		&(struct registrar_call_opts){
			.table = table,
			.provider = r->provider->name,
			.config = &config,
			.timeout_ms = 1000,
			.clock = &r->clock.clock,
			.rng = &r->rng.rng,
			.host = &r->host,
		},
		&c, &r->err);
	return c;
}

static void read_one(struct replay *r, struct registrar_call *c, const char *rest)
{
	const char *name = word(r, &rest);
	const struct rrset *set = NULL;
	r->rc = registrar_read(c, r->a, name, rr_type_from_name(rest), &set, &r->err);
	r->found = zone_make(r->a, r->zone, set != NULL ? 1 : 0, &set);
}

static void do_it(struct replay *r, const char *rest)
{
	struct registrar_call *c = open_call(r);
	const char *verb = word(r, &rest);
	if (c == NULL)
		return;
	if (str_eq(verb, "list"))
		r->rc = registrar_list(c, r->a, &r->found, &r->err);
	else if (str_eq(verb, "read"))
		read_one(r, c, rest);
	else if (str_eq(verb, "snapshot"))
		r->rc = registrar_snapshot(c, r->a, &r->snapshot, &r->err);
	else if (str_eq(verb, "restore"))
		r->rc = registrar_restore(c, rest, &r->applied, &r->err);
	else if (str_eq(verb, "apply"))
		r->rc = registrar_apply(
			c, &(struct change_set){ "test", r->zone, r->changes.n, r->changes.at },
			&r->applied, &r->err);
	registrar_close(c);
}

/* -- what is expected -- */

static void expect_words(struct replay *r, const char *what, const char *want, const char *got)
{
	if (r->rc == 0 || strstr(got, want) == NULL)
		fail(r, what, want, r->rc == 0 ? "it went well" : got);
}

static void expect_applied(struct replay *r, const char *want)
{
	static const char *const names[] = { "all", "none", "partial", "unknown", "beyond" };
	if (!str_eq(names[r->applied], want))
		fail(r, "applied", want, names[r->applied]);
	if (str_eq(want, "all") != (r->rc == 0))
		fail(r, "the result", want, r->rc == 0 ? "0" : r->err.text);
}

static const struct rrset *found_set(struct replay *r, const char **rest)
{
	const char *name = word(r, rest);
	uint16_t type = rr_type_from_name(word(r, rest));
	return r->rc == 0 && r->found != NULL ? zone_find(r->found, name, type) : NULL;
}

static void expect_rrset(struct replay *r, const char *rest)
{
	const char *all = rest;
	const struct rrset *set = found_set(r, &rest);
	const char *ttl = word(r, &rest);
	if (set == NULL)
		fail(r, "an RRset", all, r->rc == 0 ? "there is none" : r->err.text);
	else if (!str_eq(arena_printf(r->a, "%u", (unsigned)set->ttl), ttl) ||
		 !rrset_has(set, rest))
		fail(r, "an RRset", all,
		     arena_printf(r->a, "%u %s", (unsigned)set->ttl, set->rdata[0]));
}

static void expect_number(struct replay *r, const char *what, const char *want, uint64_t got)
{
	const char *text = arena_printf(r->a, "%llu", (unsigned long long)got);
	if (r->rc != 0)
		fail(r, what, want, r->err.text);
	else if (!str_eq(want, text))
		fail(r, what, want, text);
}

static void expect_text(struct replay *r, const char *what, const char *want, const char *got)
{
	if (!str_eq(want, got))
		fail(r, what, want, got);
}

static void expect_note(struct replay *r, const char *want)
{
	if (strstr(r->notes.at, want) == NULL)
		fail(r, "what the plugin said", want, r->notes.at);
}

static void expect_hides(struct replay *r, const char *secret)
{
	if (strstr(r->err.text, secret) != NULL || strstr(r->err.hint, secret) != NULL ||
	    strstr(r->notes.at, secret) != NULL)
		fail(r, "a secret", "nowhere", r->notes.at);
}

static void expect(struct replay *r, const char *rest)
{
	const char *what = word(r, &rest);
	if (str_eq(what, "applied"))
		expect_applied(r, rest);
	else if (str_eq(what, "error"))
		expect_words(r, "the error", rest, r->err.text);
	else if (str_eq(what, "hint"))
		expect_words(r, "the hint", rest, r->err.hint);
	else if (str_eq(what, "rrset"))
		expect_rrset(r, rest);
	else if (str_eq(what, "rrsets"))
		expect_number(r, "RRsets", rest, r->found != NULL ? r->found->n : 0);
	else if (str_eq(what, "snapshot"))
		expect_text(r, what, rest, r->snapshot != NULL ? r->snapshot : r->err.text);
	else if (str_eq(what, "note"))
		expect_note(r, rest);
	else if (str_eq(what, "hides"))
		expect_hides(r, rest);
	else if (str_eq(what, "starts"))
		expect_text(r, what, rest, arena_printf(r->a, "%u", r->starts));
	else if (str_eq(what, "waited"))
		expect_number(r, "waited", rest, (uint64_t)r->waited_ms);
	else if (!str_eq(what, "none"))
		fail(r, "the file", "a known expectation", what);
	else if (found_set(r, &rest) != NULL || r->rc != 0)
		fail(r, "an RRset", "none", r->rc != 0 ? r->err.text : "there is one");
}

/* -- the lines -- */

static void add_value(struct replay *r, bool is_after, const char *rest)
{
	struct change *c = &r->changes.at[r->changes.n - 1];
	const struct rrset **side = is_after ? &c->after : &c->before;
	uint64_t ttl = 0;
	const char *number = word(r, &rest);
	bool of_zone = str_starts(number, "zone:");
	(void)slice_to_u64(slice_str(number + (of_zone ? strlen("zone:") : 0)), &ttl);
	struct err e;
	*side = *side != NULL ? rrset_with(r->a, *side, rest, &e)
			      : rrset_make(r->a, c->name, c->type, (uint32_t)ttl, 1, &rest, &e);
	if (*side == NULL)
		fail(r, "a value", rest, e.text);
	else if (of_zone)
		*side = rrset_as_of_zone(r->a, *side);
}

static void set_value(struct replay *r, bool is_secret, const char *rest)
{
	struct registrar_value *v = vec_push(r->a, &r->values);
	v->name = word(r, &rest);
	if (!is_secret) {
		v->text = rest;
		return;
	}
	struct secret *s = secret_new(slice_str(rest));
	*vec_push(r->a, &r->secrets) = s;
	v->secret = s;
}

static const struct registrar *const coded[] = { &registrar_cpanel, &registrar_namecheap,
						 &registrar_process, &registrar_route53 };

static void set_secret_file(struct replay *r, const char *rest)
{
	const char *name = word(r, &rest);
	struct buf text;
	buf_init(&text);
	if (file_read(arena_printf(r->a, "%s/%s", r->folder, rest), FILE_MAX, &text, &r->err) != 0)
		fail(r, "the secret's file", rest, r->err.text);
	set_value(r, true, arena_printf(r->a, "%s %s", name, text.at));
	buf_release(&text);
}

static void load_description(struct replay *r, const char *path)
{
	struct buf text;
	buf_init(&text);
	if (file_read(path, FILE_MAX, &text, &r->err) == 0)
		r->described = described_new(path, buf_slice(&text), &r->err);
	buf_release(&text);
	if (r->described == NULL)
		fail(r, "the description", path, r->err.text);
	else
		r->provider = described_registrar(r->described);
}

static void load(struct replay *r, const char *name)
{
	for (size_t i = 0; i < sizeof(coded) / sizeof(coded[0]); i++) {
		if (str_eq(coded[i]->name, name))
			r->provider = coded[i];
	}
	if (r->provider == NULL)
		load_description(r, arena_printf(r->a, "%s/%s.json", r->providers, name));
}

static void line(struct replay *r, const char *rest)
{
	const char *what = word(r, &rest);
	if (what[0] == '>' || what[0] == '<')
		return;
	if (str_eq(what, "provider"))
		load(r, rest);
	else if (str_eq(what, "description"))
		load_description(r, arena_printf(r->a, "%s/%s", r->folder, rest));
	else if (str_eq(what, "zone"))
		r->zone = dname_canon(r->a, rest, &r->err);
	else if (str_eq(what, "option") || str_eq(what, "secret"))
		set_value(r, str_eq(what, "secret"), rest);
	else if (str_eq(what, "secretfile"))
		set_secret_file(r, rest);
	else if (str_eq(what, "change")) {
		struct change *c = vec_push(r->a, &r->changes);
		c->name = word(r, &rest);
		c->type = rr_type_from_name(rest);
		c->why = "";
	} else if (str_eq(what, "before") || str_eq(what, "after"))
		add_value(r, str_eq(what, "after"), rest);
	else if (str_eq(what, "do"))
		do_it(r, rest);
	else if (str_eq(what, "expect"))
		expect(r, rest);
	else
		fail(r, "the file", "a known line", what);
}

static void release(struct replay *r)
{
	described_free(r->described);
	for (size_t i = 0; i < r->secrets.n; i++)
		secret_free(r->secrets.at[i]);
	buf_release(&r->notes);
	arena_free(r->a);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	struct replay r = { .a = arena_new(), .providers = argv[1] };
	buf_init(&r.notes);
	fake_clock_init(&r.clock, INT64_C(1795773600000));
	seeded_rng_init(&r.rng, 7);
	size_t folder = strrchr(argv[2], '/') != NULL ? (size_t)(strrchr(argv[2], '/') - argv[2])
						      : 0;
	r.folder = folder > 0 ? arena_slice(r.a, (struct slice){ argv[2], folder }) : ".";
	if (read_script(&r, argv[2]) != 0)
		fail(&r, "the file", argv[2], r.err.text);
	for (size_t i = 0; i < r.script.list.n && !r.failed; i++)
		line(&r, r.script.list.at[i]);
	if (!r.failed && r.dialogue.at < r.dialogue.list.n)
		fail(&r, "the dialogue", peek(&r), "it was not asked for");
	bool failed = r.failed;
	release(&r);
	return failed ? 1 : 0;
}
