/*
 * Capabilities are asked for after the login, never taken from the greeting: servers show
 * less before it (Exchange Online sends none at all). ENABLE IMAP4rev2 is never sent: nothing
 * here depends on it, and some servers that take it answer SEARCH wrongly afterwards.
 */
#include "migrate/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "migrate/compress.h"
#include "migrate/imap/flags.h"
#include "migrate/imap/token.h"
#include "migrate/refusal.h"

static const struct {
	const char *word;
	unsigned cap;
} caps[] = {
	{ "UIDPLUS", CAP_UIDPLUS },
	{ "LIST-EXTENDED", CAP_LIST_EXTENDED },
	{ "LIST-STATUS", CAP_LIST_STATUS },
	{ "SPECIAL-USE", CAP_SPECIAL_USE },
	{ "ESEARCH", CAP_ESEARCH },
	{ "CONDSTORE", CAP_CONDSTORE },
	{ "QRESYNC", CAP_CONDSTORE | CAP_QRESYNC },
	{ "STATUS=SIZE", CAP_STATUS_SIZE },
	{ "NAMESPACE", CAP_NAMESPACE },
	{ "ID", CAP_ID },
	{ "MULTIAPPEND", CAP_MULTIAPPEND },
	{ "UNSELECT", CAP_UNSELECT },
	{ "ENABLE", CAP_ENABLE },
	{ "UIDONLY", CAP_UIDONLY },
	{ "PARTIAL", CAP_PARTIAL },
	{ "UTF8=ACCEPT", CAP_UTF8_ACCEPT },
	{ "UTF8=ONLY", CAP_UTF8_ONLY },
	{ "X-GM-EXT-1", CAP_GMAIL },
	{ "QUOTA", CAP_QUOTA },
	{ "MOVE", CAP_MOVE },
	{ "COMPRESS=DEFLATE", CAP_COMPRESS },
};

/* "NAME=123"; what is no number tells nothing. */
static void take_number(struct slice word, const char *name, uint64_t *v_r)
{
	size_t len = strlen(name);
	if (slice_starts_nocase(word, slice_str(name)))
		(void)slice_to_u64((struct slice){ word.ptr + len, word.len - len }, v_r);
}

/* QRESYNC implies CONDSTORE (RFC 7162). */
static void take_capability(struct session *s, struct slice word)
{
	for (size_t i = 0; i < sizeof(caps) / sizeof(caps[0]); i++)
		if (slice_eq_nocase(word, slice_str(caps[i].word)))
			s->caps |= caps[i].cap;
	if (slice_eq_nocase(word, SLICE_LIT("LITERAL+")))
		s->literals = IMAP_LITERAL_PLUS;
	else if (slice_eq_nocase(word, SLICE_LIT("LITERAL-")) && s->literals == IMAP_LITERAL_SYNC)
		s->literals = IMAP_LITERAL_MINUS;
	take_number(word, "APPENDLIMIT=", &s->append_limit);
	take_number(word, "MESSAGELIMIT=", &s->message_limit);
}

/* Nothing else that was asked for may be taken for granted: the answer names what is on. */
static void take_enabled(struct session *s, struct slice words)
{
	s->uidonly |= imap_flags_has(words, "UIDONLY");
	s->qresync |= imap_flags_has(words, "QRESYNC");
	if (s->utf8 || !imap_flags_has(words, "UTF8=ACCEPT"))
		return;
	s->utf8 = true;
	conn_utf8(s->conn);
}

/* "((\"INBOX.\" \".\")) NIL NIL" (RFC 2342): the first personal namespace. */
static void take_namespace(struct session *s, struct slice text)
{
	char line[1024];
	struct slice prefix;
	struct slice delimiter;
	bool is_nil;
	if (text.len >= sizeof(line))
		return;
	memcpy(line, text.ptr, text.len);
	struct imap_reader r = { line, line + text.len };
	for (int i = 0; i < 2; i++) /* a list of lists */
		if (!imap_read_char(&r, '('))
			return;
	if (!imap_read_string(&r, &prefix) || !imap_read_space(&r) ||
	    !imap_read_nstring(&r, &delimiter, &is_nil) || prefix.len >= sizeof(s->prefix))
		return;
	memcpy(s->prefix, prefix.ptr, prefix.len);
	s->prefix[prefix.len] = '\0';
	s->style.delimiter = '\0';
	if (!is_nil && delimiter.len > 0)
		s->style.delimiter = delimiter.ptr[0];
}

/* While a session begins: what the server says of itself is kept until its kind is known. */
struct beginning {
	struct session *session;
	struct buf capability, id;
	const struct session_start *how;
};

/* A CAPABILITY answer replaces all that was told before: what is missing in it was withdrawn. */
static void take_capabilities(struct beginning *b, struct slice rest)
{
	struct session *s = b->session;
	buf_clear(&b->capability);
	buf_add(&b->capability, rest.ptr, rest.len);
	s->caps = 0;
	s->literals = IMAP_LITERAL_SYNC;
	while (rest.len > 0)
		take_capability(s, slice_until(&rest, ' '));
}

static int on_greeting(void *ctx, const struct imap_event *ev, struct err *e)
{
	struct beginning *b = ctx;
	struct session *s = b->session;
	(void)e;
	if (ev->kind == IMAP_EV_CAPABILITY)
		take_capabilities(b, ev->text);
	else if (ev->kind == IMAP_EV_ID)
		buf_add(&b->id, ev->text.ptr, ev->text.len);
	else if (ev->kind == IMAP_EV_NAMESPACE)
		take_namespace(s, ev->text);
	else if (ev->kind == IMAP_EV_ENABLED)
		take_enabled(s, ev->text);
	else if (ev->kind == IMAP_EV_LIST && s->style.delimiter == '\0')
		s->style.delimiter = ev->list.delimiter;
	return 0;
}

/* Gmail gives everyone the message as it is, and would tell its labels in another coding. */
static bool wants_utf8(const struct beginning *b)
{
	const struct session *s = b->session;
	bool offered = (s->caps & CAP_UTF8_ACCEPT) != 0 && (s->caps & CAP_GMAIL) == 0;
	return (s->caps & CAP_UTF8_ONLY) != 0 || (offered && b->how->reads_only);
}

/* Only where folders are read: what vanished is told from there on (RFC 7162 §3.2.3). Where folders
 * are read in windows nobody asks what changed. */
static bool wants_qresync(const struct beginning *b)
{
	return b->how->reads_only && (b->session->caps & CAP_QRESYNC) != 0 &&
	       b->session->message_limit == 0;
}

/* UIDONLY where a plain session would see only a part of each folder (RFC 9586; Yahoo). The
 * answer may come as a bare OK: then plain commands are still right, and the counts tell. */
static uint32_t enable(struct beginning *b)
{
	struct imap_pipeline *out = conn_out(b->session->conn);
	bool uidonly = (b->session->caps & CAP_UIDONLY) != 0;
	bool utf8 = wants_utf8(b);
	bool qresync = wants_qresync(b);
	if ((b->session->caps & CAP_ENABLE) == 0 || !(uidonly || utf8 || qresync))
		return 0;
	uint32_t tag = imap_begin(out);
	imap_addf(out, "ENABLE%s%s%s", uidonly ? " UIDONLY" : "", utf8 ? " UTF8=ACCEPT" : "",
		  qresync ? " QRESYNC" : "");
	imap_end(out);
	return tag;
}

/* One flight more for what was not known before: ID before any SELECT, asked of everyone, for
 * some servers want it and do not announce it (a BAD costs nothing); NAMESPACE, else the
 * root's delimiter by LIST "" "". */
static int ask_names(struct beginning *b, struct err *e)
{
	struct session *s = b->session;
	const struct conn_call call = { on_greeting, b };
	struct conn_answer answer;
	struct imap_pipeline *out = conn_out(s->conn);
	uint32_t id = imap_command(out,
				   "ID (\"name\" \"cutover\" \"version\" \"" CUTOVER_VERSION "\")");
	uint32_t enabled = enable(b);
	uint32_t names = imap_command(out, (s->caps & CAP_NAMESPACE) != 0 ? "NAMESPACE"
									  : "LIST \"\" \"\"");
	if (conn_wait(s->conn, id, &call, &answer, e) != 0 ||
	    (enabled != 0 && conn_wait(s->conn, enabled, &call, &answer, e) != 0))
		return -1;
	return conn_wait(s->conn, names, &call, &answer, e);
}

static void choose_preset(struct beginning *b)
{
	const struct preset_signs signs = { b->how->greeting, b->capability.at, b->id.at };
	struct session *s = b->session;
	s->preset = preset_choose(&signs, b->how->preset, s->preset_why);
	str_make_printable(s->preset_why);
	if (s->append_limit == 0)
		s->append_limit = s->preset->message_max;
}

/* Literals are switched only when CAPABILITY is known: before it only the synchronising form
 * is safe. */
static int introduce(struct session *s, const struct session_start *how, struct err *e)
{
	struct beginning b = { .session = s, .how = how };
	const struct conn_call call = { on_greeting, &b };
	buf_init(&b.capability);
	buf_init(&b.id);
	int64_t asked_ms = clock_mono_ms(conn_clock(s->conn));
	uint32_t tag = imap_command(conn_out(s->conn), "CAPABILITY");
	int rc = conn_expect_ok(s->conn, tag, &call, e);
	s->trip_ms = clock_mono_ms(conn_clock(s->conn)) - asked_ms;
	if (rc == 0)
		rc = ask_names(&b, e);
	choose_preset(&b);
	imap_pipeline_literals(conn_out(s->conn), s->literals);
	buf_release(&b.capability);
	buf_release(&b.id);
	return rc;
}

/* Before the OK was read nothing may follow (RFC 4978 §3). Whoever says OK and then speaks plainly,
 * or not at all, is found out here and not in the middle of somebody's mail. */
int session_compress(struct session *s, struct err *e)
{
	struct conn_answer answer;
	struct imap_pipeline *out = conn_out(s->conn);
	if (conn_wait(s->conn, imap_command(out, "COMPRESS DEFLATE"), NULL, &answer, e) != 0)
		return -1;
	if (answer.cond != IMAP_OK) {
		compress_failed(s->compress, conn_name(s->conn), answer.text);
		s->caps &= ~(unsigned)CAP_COMPRESS;
		return 0;
	}
	conn_compress(s->conn);
	s->compressed = true;
	if (conn_expect_ok(s->conn, imap_command(out, "NOOP"), NULL, e) == 0)
		return 0;
	if (e->kind == ERR_RETRY)
		compress_failed(s->compress, conn_name(s->conn), e->text);
	return -1;
}

static int compress_if_wanted(struct session *s, struct err *e)
{
	if ((s->caps & CAP_COMPRESS) == 0 || !compress_is_wanted(s->compress, conn_name(s->conn)))
		return 0;
	return session_compress(s, e);
}

int session_begin(struct stream *stream, const struct conn_env *env,
		  const struct session_start *how, struct session **session_r, struct err *e)
{
	struct session *s = mem_alloc(sizeof(*s));
	s->conn = conn_new(stream, env);
	s->style.prefix = s->prefix;
	s->compress = how->compress;
	if (introduce(s, how, e) != 0 || compress_if_wanted(s, e) != 0) {
		session_free(s);
		return -1;
	}
	*session_r = s;
	return 0;
}

int session_on(struct stream *stream, const struct conn_env *env, struct session **session_r,
	       struct err *e)
{
	return session_begin(stream, env, &(struct session_start){ .greeting = "" }, session_r, e);
}

int session_open(const struct session_opts *opts, struct session **session_r, struct err *e)
{
	const struct migrate_opts *m = opts->migrate;
	struct stream *stream;
	struct login_report login;
	int rc = login_open(opts->endpoint, m, &stream, &login, e);
	if (opts->login_r != NULL)
		*opts->login_r = login;
	if (rc != 0)
		return err_wrap(e, "at the %s", opts->side);
	/* Mail that is read is paid for; that it is written then needs no second cap. */
	const struct conn_env env = { .clock = m->clock,
				      .cancel = m->cancel,
				      .timeout_ms = m->timeout_ms,
				      .pace = opts->paced ? m->pace : NULL };
	const struct session_start how = { login.seen.greeting, opts->endpoint->preset,
					   opts->reads_only, m->compress };
	if (session_begin(stream, &env, &how, session_r, e) != 0)
		return err_wrap(e, "at the %s", opts->side);
	log_debug(m->log, "the %s '%s' is %s: %s", opts->side, conn_name((*session_r)->conn),
		  (*session_r)->preset->title, (*session_r)->preset_why);
	return 0;
}

/* LOGOUT only on a quiet connection: in the middle of a literal it would become a part of
 * somebody's mail. */
void session_free(struct session *s)
{
	struct err ignored;
	if (s == NULL)
		return;
	if (conn_traffic(s->conn)->broken)
		compress_failed(s->compress, conn_name(s->conn), "what it sent was not");
	if (imap_held(conn_out(s->conn)) == 0 && imap_in_flight(conn_out(s->conn)) == 0) {
		(void)imap_command(conn_out(s->conn), "LOGOUT");
		(void)conn_flush(s->conn, &ignored);
	}
	conn_free(s->conn);
	free(s);
}

size_t session_at_most(const struct session *s, size_t n)
{
	enum { UID_OCTETS = 11, REST_OCTETS = 200 }; /* a UID and its comma; the command around */
	size_t on_a_line = (s->preset->line_max - REST_OCTETS) / UID_OCTETS;
	if (on_a_line < n)
		n = on_a_line;
	return s->message_limit > 0 && s->message_limit < n ? (size_t)s->message_limit : n;
}

uint32_t session_select(struct session *s, const char *name, bool examine)
{
	struct imap_pipeline *out = conn_out(s->conn);
	uint32_t tag = imap_begin(out);
	imap_add(out, examine ? "EXAMINE " : "SELECT ");
	imap_add_mailbox(out, slice_str(name));
	imap_end(out);
	return tag;
}

/* PERMANENTFLAGS comes with its parentheses. One that is too long counts as not told: then
 * every flag is tried. */
static void take_code(struct session_folder *f, const struct imap_status *st)
{
	int64_t v = st->number[0] > INT64_MAX ? INT64_MAX : (int64_t)st->number[0];
	if (st->code == IMAP_CODE_UIDVALIDITY)
		f->uidvalidity = v;
	else if (st->code == IMAP_CODE_UIDNEXT)
		f->uidnext = v;
	else if (st->code == IMAP_CODE_HIGHESTMODSEQ)
		f->modseq = v;
	else if (st->code == IMAP_CODE_NOMODSEQ)
		f->modseq = 0;
	else if (st->code == IMAP_CODE_PERMANENTFLAGS) {
		struct slice s = st->args;
		if (s.len >= 2 && s.ptr[0] == '(')
			s = (struct slice){ s.ptr + 1, s.len - 2 };
		f->has_permanent = s.len < sizeof(f->permanent);
		if (f->has_permanent) {
			memcpy(f->permanent, s.ptr, s.len);
			f->permanent[s.len] = '\0'; /* it may be told twice */
		}
	}
}

static int on_select(void *ctx, const struct imap_event *ev, struct err *e)
{
	struct session_folder *f = ctx;
	(void)e;
	if (ev->kind == IMAP_EV_EXISTS)
		f->exists = ev->number;
	else if (ev->kind == IMAP_EV_STATUS)
		take_code(f, &ev->status);
	return 0;
}

/* Without those that do harm there: a message with \Deleted disappears at Gmail, $MDNSent becomes
 * a category at Exchange, which refuses keywords whatever it says. */
static void drop_harmful(const struct session *s, struct session_folder *f)
{
	char told[sizeof(f->permanent)];
	size_t len = 0;
	str_copy(told, sizeof(told), f->permanent);
	struct slice rest = slice_str(told);
	while (rest.len > 0) {
		char flag[128] = "";
		struct slice word = slice_until(&rest, ' ');
		memcpy(flag, word.ptr, word.len < sizeof(flag) - 1 ? word.len : sizeof(flag) - 1);
		bool keyword = flag[0] != '\\' || flag[1] == '*';
		if (word.len == 0 || preset_drops_flag(s->preset, flag) ||
		    (keyword && (s->preset->flags & PRESET_NO_KEYWORDS) != 0))
			continue;
		if (len > 0)
			f->permanent[len++] = ' ';
		memcpy(f->permanent + len, word.ptr, word.len);
		len += word.len;
	}
	f->permanent[len] = '\0';
}

/* -1 for what the server does not tell: 0 is a real number of messages. */
int session_selected(struct session *s, uint32_t tag, struct session_folder *f_r, struct err *e)
{
	memset(f_r, 0, sizeof(*f_r));
	f_r->uidvalidity = f_r->uidnext = f_r->exists = f_r->modseq = -1;
	int rc = conn_expect_ok(s->conn, tag, &(struct conn_call){ on_select, f_r }, e);
	s->uidnext = f_r->uidnext;
	if (f_r->has_permanent)
		drop_harmful(s, f_r);
	return rc;
}
