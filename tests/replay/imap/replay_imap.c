/*
 * replay_imap FILE… - what a server says (given) against the events that must come of it.
 *
 *   # words for people
 *   S: a line, CRLF is added          S- bytes without CRLF      (\xNN is that byte)
 *   E: an event as this program writes it
 *
 * Every case is fed whole, byte by byte and in pieces of other sizes: the events must be
 * the same. Pieces of a body that follow each other count as one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "migrate/imap/response.h"

static void add_shown(struct buf *out, struct slice s)
{
	buf_addc(out, '<');
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		if (c < 0x20 || c >= 0x7f || c == '\\')
			buf_addf(out, "\\x%02x", c);
		else
			buf_addc(out, (char)c);
	}
	buf_addc(out, '>');
}

static const char *const code_names[] = {
	[IMAP_CODE_NONE] = "NONE",
	[IMAP_CODE_UNKNOWN] = "UNKNOWN",
	[IMAP_CODE_ALERT] = "ALERT",
	[IMAP_CODE_ALREADYEXISTS] = "ALREADYEXISTS",
	[IMAP_CODE_APPENDUID] = "APPENDUID",
	[IMAP_CODE_AUTHENTICATIONFAILED] = "AUTHENTICATIONFAILED",
	[IMAP_CODE_CANNOT] = "CANNOT",
	[IMAP_CODE_CAPABILITY] = "CAPABILITY",
	[IMAP_CODE_EXPIRED] = "EXPIRED",
	[IMAP_CODE_HIGHESTMODSEQ] = "HIGHESTMODSEQ",
	[IMAP_CODE_INUSE] = "INUSE",
	[IMAP_CODE_LIMIT] = "LIMIT",
	[IMAP_CODE_MESSAGELIMIT] = "MESSAGELIMIT",
	[IMAP_CODE_NOMODSEQ] = "NOMODSEQ",
	[IMAP_CODE_NONEXISTENT] = "NONEXISTENT",
	[IMAP_CODE_NOPERM] = "NOPERM",
	[IMAP_CODE_OVERQUOTA] = "OVERQUOTA",
	[IMAP_CODE_PERMANENTFLAGS] = "PERMANENTFLAGS",
	[IMAP_CODE_READONLY] = "READONLY",
	[IMAP_CODE_SERVERBUG] = "SERVERBUG",
	[IMAP_CODE_TOOBIG] = "TOOBIG",
	[IMAP_CODE_TRYCREATE] = "TRYCREATE",
	[IMAP_CODE_UIDNEXT] = "UIDNEXT",
	[IMAP_CODE_UIDVALIDITY] = "UIDVALIDITY",
	[IMAP_CODE_UNAVAILABLE] = "UNAVAILABLE",
	[IMAP_CODE_THROTTLED] = "THROTTLED",
	[IMAP_CODE_AUTHORIZATIONFAILED] = "AUTHORIZATIONFAILED",
};

static void show_status(struct buf *out, const struct imap_status *st)
{
	static const char *const conds[] = { "OK", "NO", "BAD", "BYE", "PREAUTH" };
	if (st->tag != 0)
		buf_addf(out, "result A%u %s", st->tag, conds[st->cond]);
	else
		buf_addf(out, "untagged %s", conds[st->cond]);
	if (st->code != IMAP_CODE_NONE) {
		buf_addf(out, " code=%s args=", code_names[st->code]);
		add_shown(out, st->args);
		buf_addf(out, " %llu %llu", (unsigned long long)st->number[0],
			 (unsigned long long)st->number[1]);
	}
	buf_adds(out, " text=");
	add_shown(out, st->text);
}

static void show_fetch(struct buf *out, const struct imap_fetch *f)
{
	buf_addf(out, " seq=%u uid=%u", f->seq, f->uid);
	if (f->has_flags) {
		buf_adds(out, " flags=");
		add_shown(out, f->flags);
	}
	if (f->has_date) {
		buf_adds(out, " date=");
		add_shown(out, f->date);
	}
	if (f->has_size)
		buf_addf(out, " size=%llu", (unsigned long long)f->size);
	if (f->modseq != 0)
		buf_addf(out, " modseq=%llu", (unsigned long long)f->modseq);
	if (f->has_body)
		buf_adds(out, f->body_is_nil ? " body=NIL" : " body");
}

static void show_list(struct buf *out, const char *word, const struct imap_list *l)
{
	buf_addf(out, "%s attrs=", word);
	add_shown(out, l->attrs);
	buf_addf(out, " delimiter=%c%s%s name=", l->delimiter != '\0' ? l->delimiter : '0',
		 l->noselect ? " noselect" : "", l->nonexistent ? " nonexistent" : "");
	add_shown(out, l->name);
}

static void show_folder(struct buf *out, const struct imap_folder_status *f)
{
	buf_adds(out, "status name=");
	add_shown(out, f->name);
	buf_addf(out, " messages=%lld uidnext=%lld uidvalidity=%lld modseq=%lld size=%lld",
		 (long long)f->messages, (long long)f->uidnext, (long long)f->uidvalidity,
		 (long long)f->highestmodseq, (long long)f->size);
}

static void show_text(struct buf *out, const char *word, struct slice text)
{
	buf_adds(out, word);
	buf_addc(out, ' ');
	add_shown(out, text);
}

static void show_esearch(struct buf *out, const struct imap_event *ev)
{
	buf_adds(out, "esearch");
	if (ev->esearch.has_count)
		buf_addf(out, " count=%llu", (unsigned long long)ev->esearch.count);
	buf_adds(out, " all=");
	add_shown(out, ev->esearch.all);
}

static void show_event(struct buf *out, const struct imap_event *ev)
{
	switch (ev->kind) {
	case IMAP_EV_STATUS: show_status(out, &ev->status); break;
	case IMAP_EV_CONTINUE: show_text(out, "continue", ev->text); break;
	case IMAP_EV_CAPABILITY: show_text(out, "capability", ev->text); break;
	case IMAP_EV_ENABLED: show_text(out, "enabled", ev->text); break;
	case IMAP_EV_LIST: show_list(out, "list", &ev->list); break;
	case IMAP_EV_LSUB: show_list(out, "lsub", &ev->list); break;
	case IMAP_EV_NAMESPACE: show_text(out, "namespace", ev->text); break;
	case IMAP_EV_FOLDER_STATUS: show_folder(out, &ev->folder); break;
	case IMAP_EV_FLAGS: show_text(out, "flags", ev->text); break;
	case IMAP_EV_EXISTS: buf_addf(out, "exists %u", ev->number); break;
	case IMAP_EV_EXPUNGE: buf_addf(out, "expunge %u", ev->number); break;
	case IMAP_EV_SEARCH: show_text(out, "search", ev->numbers); break;
	case IMAP_EV_ESEARCH: show_esearch(out, ev); break;
	case IMAP_EV_LITERAL_BEGIN:
		buf_addf(out, "body-begin %llu", (unsigned long long)ev->literal_len);
		show_fetch(out, &ev->fetch);
		break;
	case IMAP_EV_LITERAL_DATA: break; /* collected by the caller */
	case IMAP_EV_LITERAL_END: buf_adds(out, "body-end"); break;
	case IMAP_EV_FETCH:
		buf_adds(out, "fetch");
		show_fetch(out, &ev->fetch);
		break;
	case IMAP_EV_ID: show_text(out, "id", ev->text); break;
	case IMAP_EV_VANISHED:
		show_text(out, ev->vanished.earlier ? "vanished-earlier" : "vanished",
			  ev->vanished.uids);
		break;
	case IMAP_EV_QUOTA:
		buf_addf(out, "quota kib=%lld/%lld messages=%lld/%lld",
			 (long long)ev->quota.kib_used, (long long)ev->quota.kib_limit,
			 (long long)ev->quota.messages_used, (long long)ev->quota.messages_limit);
		break;
	case IMAP_EV_OTHER: buf_adds(out, "other"); break;
	}
	buf_addc(out, '\n');
}

struct run {
	struct buf out, body;
};

static void take(struct run *r, const struct imap_event *ev)
{
	if (ev->kind == IMAP_EV_LITERAL_DATA) {
		buf_add(&r->body, ev->data.ptr, ev->data.len);
		return;
	}
	if (ev->kind == IMAP_EV_LITERAL_END && r->body.len > 0) {
		buf_adds(&r->out, "body ");
		add_shown(&r->out, buf_slice(&r->body));
		buf_addc(&r->out, '\n');
		buf_clear(&r->body);
	}
	show_event(&r->out, ev);
}

/* All events of the input fed in pieces of the given size; malloced pieces, so that a
 * reading beyond one is found. */
static void play(struct slice input, size_t piece, struct run *r)
{
	struct imap_parser *p = imap_parser_new();
	struct imap_event ev;
	struct err e = { .kind = ERR_NONE };
	int rc = 0;
	for (size_t at = 0; at < input.len && rc >= 0; at += piece) {
		size_t len = input.len - at < piece ? input.len - at : piece;
		char *copy = mem_alloc(len);
		memcpy(copy, input.ptr + at, len);
		struct slice in = { copy, len };
		while ((rc = imap_parser_next(p, &in, &ev, &e)) == 1)
			take(r, &ev);
		free(copy);
	}
	if (rc < 0)
		buf_adds(&r->out, "refused\n");
	else if (!imap_parser_idle(p))
		buf_adds(&r->out, "unfinished\n");
	imap_parser_free(p);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void add_unescaped(struct buf *out, struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\\' && i + 3 < s.len && s.ptr[i + 1] == 'x' &&
		    hex_digit(s.ptr[i + 2]) >= 0 && hex_digit(s.ptr[i + 3]) >= 0) {
			buf_addc(out,
				 (char)(hex_digit(s.ptr[i + 2]) * 16 + hex_digit(s.ptr[i + 3])));
			i += 3;
		} else {
			buf_addc(out, s.ptr[i]);
		}
	}
}

/* "S: text" gives "text"; false when the line does not begin so. */
static bool begins(struct slice *line, const char *mark)
{
	if (!slice_starts_nocase(*line, slice_str(mark)))
		return false;
	line->ptr += strlen(mark);
	line->len -= strlen(mark);
	return true;
}

static void read_case(struct slice text, struct buf *input, struct buf *wanted)
{
	while (text.len > 0) {
		struct slice line = slice_until(&text, '\n');
		if (begins(&line, "S: ")) {
			add_unescaped(input, line);
			buf_adds(input, "\r\n");
		} else if (begins(&line, "S- ")) {
			add_unescaped(input, line);
		} else if (begins(&line, "E: ")) {
			buf_add(wanted, line.ptr, line.len);
			buf_addc(wanted, '\n');
		}
	}
}

static int compare(const char *path, struct slice input, const char *wanted, size_t piece)
{
	struct run r;
	buf_init(&r.out);
	buf_init(&r.body);
	play(input, piece, &r);
	int rc = str_eq(r.out.at, wanted) ? 0 : 1;
	if (rc != 0)
		(void)fprintf(stderr, "%s, in pieces of %zu:\n--- wanted\n%s--- got\n%s", path,
			      piece, wanted, r.out.at);
	buf_release(&r.out);
	buf_release(&r.body);
	return rc;
}

static int run_file(const char *path)
{
	static const size_t pieces[] = { 1 << 20, 1, 2, 3, 7, 64 };
	struct buf text;
	struct buf input;
	struct buf wanted;
	struct err e;
	int rc = 0;
	buf_init(&text);
	buf_init(&input);
	buf_init(&wanted);
	if (file_read(path, 1 << 20, &text, &e) != 0) {
		(void)fprintf(stderr, "%s\n", e.text);
		rc = 1;
	}
	read_case(buf_slice(&text), &input, &wanted);
	if (rc == 0 && (input.len == 0 || wanted.len == 0)) {
		(void)fprintf(stderr, "%s: no case: it needs 'S:' and 'E:' lines\n", path);
		rc = 1;
	}
	for (size_t i = 0; rc == 0 && i < sizeof(pieces) / sizeof(pieces[0]); i++)
		rc = compare(path, buf_slice(&input), wanted.at, pieces[i]);
	buf_release(&text);
	buf_release(&input);
	buf_release(&wanted);
	return rc;
}

int main(int argc, char **argv)
{
	int rc = argc > 1 ? 0 : 2;
	for (int i = 1; i < argc; i++)
		rc |= run_file(argv[i]);
	return rc;
}
