/* The server's state, and a connection as a stream: bytes in, whole commands out. */
#include "imapd.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "imapd_priv.h"

static char *copy_of(const char *text)
{
	size_t len = strlen(text) + 1;
	char *copy = mem_alloc(len);
	memcpy(copy, text, len);
	return copy;
}

void imapd_init(struct imapd *d, const struct imapd_habits *habits, struct fake_clock *clock)
{
	memset(d, 0, sizeof(*d));
	d->habits = *habits;
	d->clock = clock;
	buf_init(&d->heard);
	buf_init(&d->late.body);
	(void)imapd_make(d, "INBOX", "");
}

void imapd_release(struct imapd *d)
{
	for (size_t i = 0; i < d->n_folders; i++) {
		struct imapd_folder *f = &d->folders[i];
		for (size_t k = 0; k < f->n; k++) {
			free(f->at[k].flags);
			free(f->at[k].date);
			buf_release(&f->at[k].body);
		}
		free(f->at);
		free(f->name);
	}
	buf_release(&d->heard);
	buf_release(&d->late.body);
}

struct imapd_folder *imapd_find(struct imapd *d, const char *name)
{
	for (size_t i = 0; i < d->n_folders; i++) {
		const char *has = d->folders[i].name;
		bool folds = d->habits.folds_case || str_eq_nocase(has, "INBOX");
		if (folds ? str_eq_nocase(has, name) : str_eq(has, name))
			return &d->folders[i];
	}
	return NULL;
}

struct imapd_folder *imapd_make(struct imapd *d, const char *name, const char *attrs)
{
	struct imapd_folder *f = &d->folders[d->n_folders++];
	f->name = copy_of(name);
	f->attrs = attrs;
	f->uidvalidity = 1000 + (uint32_t)d->n_folders;
	f->uidnext = f->modseq = 1;
	return f;
}

void imapd_unmake(struct imapd *d)
{
	struct imapd_folder *f = &d->folders[--d->n_folders];
	while (f->n > 0)
		(void)imapd_take(f, f->at[0].uid);
	free(f->at);
	free(f->name);
	memset(f, 0, sizeof(*f));
}

uint32_t imapd_put(struct imapd_folder *f, const char *flags, const char *date, const char *body)
{
	f->at = mem_grow(f->at, (f->n + 1) * sizeof(f->at[0]));
	struct imapd_message *m = &f->at[f->n++];
	f->modseq++;
	*m = (struct imapd_message){ .uid = f->uidnext++,
				     .flags = copy_of(flags),
				     .date = copy_of(date) };
	buf_init(&m->body);
	buf_adds(&m->body, body);
	return m->uid;
}

bool imapd_take(struct imapd_folder *f, uint32_t uid)
{
	size_t i = 0;
	while (i < f->n && f->at[i].uid != uid)
		i++;
	if (i == f->n)
		return false;
	free(f->at[i].flags);
	free(f->at[i].date);
	buf_release(&f->at[i].body);
	memmove(&f->at[i], &f->at[i + 1], (f->n - i - 1) * sizeof(f->at[0]));
	f->n--;
	f->modseq++;
	return true;
}

size_t imapd_count(const struct imapd_folder *f, const char *body)
{
	const struct slice wanted = slice_str(body);
	size_t n = 0;
	for (size_t i = 0; f != NULL && i < f->n; i++)
		n += slice_eq(buf_slice(&f->at[i].body), wanted) ? 1 : 0;
	return n;
}

static int compare_bodies(const void *x, const void *y)
{
	const struct buf *a = &(*(const struct imapd_message *const *)x)->body;
	const struct buf *b = &(*(const struct imapd_message *const *)y)->body;
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->at, b->at, a->len);
}

static const struct imapd_message **by_body(const struct imapd_folder *f)
{
	const struct imapd_message **list = mem_alloc((f->n + 1) * sizeof(const void *));
	for (size_t i = 0; i < f->n; i++)
		list[i] = &f->at[i];
	qsort(list, f->n, sizeof(const void *), compare_bodies);
	return list;
}

/* Sorted, for there may be thousands, and each of tens of kilobytes. */
uint32_t imapd_differs(const struct imapd_folder *f, const struct imapd_folder *other)
{
	uint32_t uid = 0;
	const struct imapd_message **ours = by_body(f);
	const struct imapd_message **theirs = by_body(other);
	for (size_t i = 0; i < f->n && uid == 0; i++)
		if (i >= other->n || compare_bodies(&ours[i], &theirs[i]) != 0)
			uid = ours[i]->uid;
	free(ours);
	free(theirs);
	return uid;
}

/* -- a connection -- */

void peer_say(struct peer *p, const char *fmt, ...)
{
	char text[4096];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_adds(&p->out, text);
}

/* "… {12+}" at the end of what was heard: a literal follows. */
static bool ends_in_literal(const struct buf *in, uint64_t *len_r, bool *plus_r)
{
	size_t at = in->len;
	if (at < 3 || in->at[at - 1] != '}')
		return false;
	while (at > 0 && in->at[at - 1] != '{')
		at--;
	if (at == 0)
		return false;
	struct slice digits = { in->at + at, in->len - at - 1 };
	*plus_r = digits.len > 0 && digits.ptr[digits.len - 1] == '+';
	digits.len -= *plus_r ? 1 : 0;
	return slice_to_u64(digits, len_r);
}

static void note_heard(struct peer *p)
{
	size_t len = p->in.len < 300 ? p->in.len : 300;
	buf_add(&p->d->heard, p->in.at, len);
	buf_addc(&p->d->heard, '\n');
}

static void end_line(struct peer *p)
{
	bool plus;
	if (p->in.len > 0 && p->in.at[p->in.len - 1] == '\r')
		p->in.len--;
	p->in.at[p->in.len] = '\0';
	if (ends_in_literal(&p->in, &p->literal_left, &plus)) {
		if (peer_at_literal(p)) { /* refused: what follows is a new command */
			p->literal_left = 0;
			buf_clear(&p->in);
			return;
		}
		if (!plus)
			peer_say(p, "+ go\r\n");
		buf_adds(&p->in, "\r\n");
		p->in_literal = p->literal_left > 0;
		return;
	}
	note_heard(p);
	peer_command(p, buf_slice(&p->in));
	buf_clear(&p->in);
}

/* -- COMPRESS=DEFLATE: a stream of our own, from and to two buffers of the peer -- */

struct wire {
	struct stream stream;
	struct peer *p; /* borrowed */
};

static ssize_t wire_recv(struct stream *stream, void *to, size_t size, struct err *e)
{
	struct buf *in = &((struct wire *)stream)->p->wire_in;
	size_t n = in->len < size ? in->len : size;
	(void)e;
	if (n == 0)
		return STREAM_AGAIN;
	memcpy(to, in->at, n);
	buf_consume(in, n);
	return (ssize_t)n;
}

static ssize_t wire_send(struct stream *stream, const void *from, size_t len, struct err *e)
{
	(void)e;
	buf_add(&((struct wire *)stream)->p->wire, from, len);
	return (ssize_t)len;
}

static int wire_fd(const struct stream *stream)
{
	(void)stream;
	return -1;
}

static bool wire_pending(const struct stream *stream)
{
	return ((const struct wire *)stream)->p->wire_in.len > 0;
}

static const char *wire_name(const struct stream *stream)
{
	(void)stream;
	return "client.test";
}

static void wire_free(struct stream *stream)
{
	free(stream);
}

/* The OK itself is still plain. */
void peer_compress(struct peer *p)
{
	static const struct stream_ops ops = { wire_recv,    wire_send, wire_fd,
					       wire_pending, wire_name, wire_free };
	struct wire *wire = mem_alloc(sizeof(*wire));
	wire->stream.ops = &ops;
	wire->p = p;
	buf_add(&p->wire, p->out.at, p->out.len);
	buf_clear(&p->out);
	p->deflated = stream_deflate(&wire->stream, SLICE_LIT(""), &p->traffic);
	p->d->compressed++;
}

/* What is to be received. */
static struct buf *said_by(struct peer *p)
{
	struct err e;
	if (p->deflated == NULL)
		return &p->out;
	size_t taken = 0;
	while (taken < p->out.len)
		taken += (size_t)stream_send(p->deflated, p->out.at + taken, p->out.len - taken,
					     &e);
	buf_clear(&p->out);
	return &p->wire;
}

static void hear(struct peer *p, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len && !p->bye; i++) {
		if (p->in_literal) {
			size_t n = len - i < p->literal_left ? len - i : (size_t)p->literal_left;
			buf_add(&p->in, bytes + i, n);
			p->literal_left -= n;
			p->in_literal = p->literal_left > 0;
			i += n - 1;
		} else if (bytes[i] == '\n') {
			end_line(p);
		} else {
			buf_addc(&p->in, bytes[i]);
		}
	}
}

static void hear_compressed(struct peer *p, const char *bytes, size_t len)
{
	char piece[4096];
	struct err e;
	ssize_t n;
	if (p->d->habits.compress == COMPRESS_MUTE)
		return;
	buf_add(&p->wire_in, bytes, len);
	do {
		n = stream_recv(p->deflated, piece, sizeof(piece), &e);
		if (n > 0)
			hear(p, piece, (size_t)n);
	} while (n > 0 || (n == STREAM_AGAIN && stream_pending(p->deflated)));
	if (n == STREAM_FAILED) { /* the client does not speak as it said */
		p->d->offences++;
		p->cut = true;
	}
}

static ssize_t peer_send(struct stream *stream, const void *from, size_t len, struct err *e)
{
	struct peer *p = (struct peer *)stream;
	if (p->cut)
		return err_set(e, ERR_RETRY, "cut");
	if (p->hung)
		return STREAM_AGAIN;
	if (p->deflated != NULL)
		hear_compressed(p, from, len);
	else
		hear(p, from, len);
	return (ssize_t)len;
}

static void say_alive(struct peer *p)
{
	const char *words = p->d->habits.alive_words;
	struct buf line;
	buf_init(&line);
	p->alive++;
	for (const char *c = words != NULL ? words : "* OK still here\r\n"; *c != '\0'; c++) {
		if (*c == '#')
			buf_addf(&line, "%u", p->alive);
		else
			buf_addc(&line, *c);
	}
	peer_say(p, "%s", line.at);
	buf_release(&line);
}

/* Silence costs a tenth of a second: so every wait of the client comes to its end. */
static ssize_t nothing_to_say(struct peer *p)
{
	if (p->bye || p->cut)
		return STREAM_END;
	if (p->d->clock == NULL)
		return STREAM_AGAIN;
	p->d->clock->at_ms += 100;
	bool talks = p->d->habits.keeps_alive &&
		     (p->d->habits.alive_words == NULL || p->selected != NULL);
	if (talks && p->d->clock->at_ms - p->alive_ms >= 10000) {
		p->alive_ms = p->d->clock->at_ms;
		say_alive(p);
	}
	return STREAM_AGAIN;
}

/* The rest of it is never said, and nothing is closed. */
static size_t until_it_hangs(struct peer *p, size_t n)
{
	struct imapd_habits *h = &p->d->habits;
	if (h->hangs == 0 || p->said + n < h->hang_after)
		return n;
	h->hangs--;
	p->hung = true;
	return h->hang_after > p->said ? h->hang_after - p->said : 0;
}

static ssize_t peer_recv(struct stream *stream, void *to, size_t size, struct err *e)
{
	struct peer *p = (struct peer *)stream;
	struct buf *from = said_by(p);
	size_t limit = p->d->habits.cut_after;
	(void)e;
	if (from->len == 0 || p->cut || p->hung)
		return nothing_to_say(p);
	size_t n = until_it_hangs(p, from->len < size ? from->len : size);
	if (limit > 0 && p->d->habits.cuts > 0 && p->said + n >= limit) {
		n = limit > p->said ? limit - p->said : 0;
		p->cut = true;
		p->d->habits.cuts--;
	}
	if (n == 0)
		return STREAM_END;
	memcpy(to, from->at, n);
	buf_consume(from, n);
	p->said += n;
	return (ssize_t)n;
}

static int peer_fd(const struct stream *stream)
{
	(void)stream;
	return -1;
}

static bool peer_pending(const struct stream *stream)
{
	const struct peer *p = (const struct peer *)stream;
	return p->out.len > 0 || p->wire.len > 0;
}

static const char *peer_name(const struct stream *stream)
{
	(void)stream;
	return "server.test:993";
}

static void peer_free(struct stream *stream)
{
	struct peer *p = (struct peer *)stream;
	stream_free(p->deflated);
	buf_release(&p->wire_in);
	buf_release(&p->wire);
	buf_release(&p->in);
	buf_release(&p->out);
	free(p);
}

struct stream *imapd_connect(struct imapd *d)
{
	static const struct stream_ops ops = { peer_recv,    peer_send, peer_fd,
					       peer_pending, peer_name, peer_free };
	struct peer *p = mem_alloc(sizeof(*p));
	p->stream.ops = &ops;
	p->d = d;
	buf_init(&p->in);
	buf_init(&p->out);
	buf_init(&p->wire_in);
	buf_init(&p->wire);
	d->connections++;
	return &p->stream;
}
