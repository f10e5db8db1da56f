/* The commands: what a strict server says to each, and what it says with a bad habit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "imapd_priv.h"
#include "migrate/imap/flags.h"
#include "migrate/imap/mutf7.h"
#include "migrate/imap/uidset.h"

/* -- reading a command -- */

static struct slice rest_of(struct slice s, size_t n)
{
	return (struct slice){ s.ptr + n, s.len - n };
}

static bool take_word(struct slice *in, const char *word)
{
	struct slice w = slice_str(word);
	if (!slice_starts_nocase(*in, w))
		return false;
	*in = rest_of(*in, w.len);
	return true;
}

/* "{12+}CRLF" and its bytes. */
static bool take_literal(struct slice *in, struct slice *s_r)
{
	uint64_t len;
	struct slice at = rest_of(*in, 1);
	struct slice digits = slice_until(&at, '}');
	if (digits.len > 0 && digits.ptr[digits.len - 1] == '+')
		digits.len--;
	if (!slice_to_u64(digits, &len) || at.len < 2 + len)
		return false;
	*s_r = (struct slice){ at.ptr + 2, (size_t)len };
	*in = rest_of(at, 2 + (size_t)len);
	return true;
}

/* A quoted string, literal or atom into `to`. */
static bool take_astring(struct slice *in, char *to, size_t size)
{
	size_t n = 0;
	struct slice s;
	while (in->len > 0 && in->ptr[0] == ' ')
		*in = rest_of(*in, 1);
	if (in->len > 0 && in->ptr[0] == '{') {
		if (!take_literal(in, &s))
			return false;
		for (; n < s.len && n + 1 < size; n++)
			to[n] = s.ptr[n];
		to[n] = '\0';
		return true;
	}
	bool quoted = in->len > 0 && in->ptr[0] == '"';
	if (quoted)
		*in = rest_of(*in, 1);
	while (in->len > 0 && in->ptr[0] != (quoted ? '"' : ' ')) {
		if (quoted && in->ptr[0] == '\\')
			*in = rest_of(*in, 1);
		if (n + 1 < size && in->len > 0)
			to[n++] = in->ptr[0];
		*in = rest_of(*in, in->len > 0 ? 1 : 0);
	}
	if (quoted && in->len > 0)
		*in = rest_of(*in, 1);
	to[n] = '\0';
	return true;
}

/* A mailbox name: kept in modified UTF-7, spoken in UTF-8 after ENABLE UTF8=ACCEPT. */
static void take_name(struct peer *p, struct slice *in, char *to, size_t size)
{
	struct buf wire;
	(void)take_astring(in, to, size);
	if (!p->utf8)
		return;
	buf_init(&wire);
	if (mutf7_encode(&wire, slice_str(to)))
		str_copy(to, size, wire.at);
	buf_release(&wire);
}

static void told_name(const struct peer *p, const char *name, struct buf *to)
{
	if (!p->utf8 || !mutf7_decode(to, slice_str(name)))
		buf_adds(to, name);
}

static void say_ok(struct peer *p)
{
	peer_say(p, "%s OK done\r\n", p->tag);
}

/* The client broke a rule: counted, so that a test sees it. */
static void say_bad(struct peer *p, const char *why)
{
	p->d->offences++;
	peer_say(p, "%s BAD %s\r\n", p->tag, why);
}

static void say_bye(struct peer *p, const char *why)
{
	peer_say(p, "* BYE %s\r\n", why);
	p->bye = true;
}

/* -- names -- */

static const char *delimiter_text(const struct imapd *d)
{
	return d->habits.delimiter == '.' ? "." : "/";
}

static void say_listed(struct peer *p, const char *word, const struct imapd_folder *f)
{
	struct buf name;
	bool plain = strchr(f->name, '"') == NULL && strchr(f->name, '\\') == NULL;
	buf_init(&name);
	told_name(p, f->name, &name);
	if (p->d->habits.odd_list || !plain)
		peer_say(p, "* %s (%s) \"%s\" {%zu}\r\n%s\r\n", word, f->attrs,
			 delimiter_text(p->d), name.len, name.at);
	else
		peer_say(p, "* %s (%s) \"%s\" \"%s\"\r\n", word, f->attrs, delimiter_text(p->d),
			 name.at);
	buf_release(&name);
}

static void do_list(struct peer *p, struct slice args)
{
	struct imapd *d = p->d;
	if (slice_eq(slice_trim(args), SLICE_LIT("\"\" \"\""))) {
		peer_say(p, "* LIST (\\Noselect) \"%s\" \"\"\r\n", delimiter_text(d));
		say_ok(p);
		return;
	}
	if (!slice_eq(slice_trim(args), SLICE_LIT("\"\" \"*\""))) {
		say_bad(p, "LIST of that kind");
		return;
	}
	for (size_t i = 0; i < d->n_folders; i++) {
		say_listed(p, "LIST", &d->folders[i]);
		if (d->habits.odd_list && i % 2 == 0)
			say_listed(p, "LIST", &d->folders[i]);
	}
	if (d->habits.odd_list)
		peer_say(p, "* LIST () NIL Inbox\r\n");
	say_ok(p);
}

static void do_lsub(struct peer *p, struct slice args)
{
	(void)args;
	for (size_t i = 0; i < p->d->n_folders; i++)
		if (p->d->folders[i].subscribed)
			say_listed(p, "LSUB", &p->d->folders[i]);
	say_ok(p);
}

static bool has_condstore(const struct peer *p)
{
	const char *words = p->d->habits.capability;
	return words != NULL && strstr(words, "CONDSTORE") != NULL;
}

static void do_status(struct peer *p, struct slice args)
{
	char name[1024];
	take_name(p, &args, name, sizeof(name));
	const struct imapd_folder *f = imapd_find(p->d, name);
	if (f == NULL) {
		peer_say(p, "%s NO [NONEXISTENT] no such mailbox\r\n", p->tag);
		return;
	}
	struct buf told;
	buf_init(&told);
	told_name(p, name, &told);
	peer_say(p, "* STATUS {%zu}\r\n%s (MESSAGES %zu UIDNEXT %u UIDVALIDITY %u", told.len,
		 told.at, f->n, f->uidnext, f->uidvalidity);
	if (has_condstore(p))
		peer_say(p, " HIGHESTMODSEQ %u", f->modseq);
	peer_say(p, ")\r\n");
	buf_release(&told);
	say_ok(p);
}

static bool has_blank_end(const struct imapd *d, const char *name)
{
	size_t len = strlen(name);
	for (size_t i = 0; i < len; i++)
		if (name[i] == ' ' &&
		    (i == 0 || i + 1 == len || name[i - 1] == delimiter_text(d)[0] ||
		     name[i + 1] == delimiter_text(d)[0]))
			return true;
	return false;
}

static size_t depth_of(const struct imapd *d, const char *name)
{
	size_t n = 1;
	for (; *name != '\0'; name++)
		n += *name == delimiter_text(d)[0] ? 1 : 0;
	return n;
}

static void do_create(struct peer *p, struct slice args)
{
	char name[4096];
	const struct imapd_habits *h = &p->d->habits;
	take_name(p, &args, name, sizeof(name));
	if (imapd_find(p->d, name) != NULL)
		peer_say(p, "%s NO Mailbox already exists\r\n", p->tag);
	else if (h->disk_full)
		peer_say(p, "%s NO [SERVERBUG] Internal error occurred. Refer to server log\r\n",
			 p->tag);
	else if (h->makes_nothing)
		peer_say(p, "%s NO [NOPERM] not allowed\r\n", p->tag);
	else if (h->reserved != NULL && str_eq_nocase(name, h->reserved))
		peer_say(p, "%s NO Folder name is reserved\r\n", p->tag);
	else if (h->no_blanks && has_blank_end(p->d, name))
		peer_say(p, "%s NO [CANNOT] Folder contains excess whitespace (Failure)\r\n",
			 p->tag);
	else if (depth_of(p->d, name) > 300)
		peer_say(p, "%s NO [CANNOT] Mailbox hierarchy is too deep\r\n", p->tag);
	else {
		(void)imapd_make(p->d, name, "");
		say_ok(p);
	}
}

static void do_subscribe(struct peer *p, struct slice args)
{
	char name[4096];
	take_name(p, &args, name, sizeof(name));
	struct imapd_folder *f = imapd_find(p->d, name);
	if (f != NULL)
		f->subscribed = true;
	say_ok(p);
}

/* -- a folder is opened -- */

static bool is_limited(const struct peer *p)
{
	return p->d->habits.message_limit > 0 && !p->uidonly;
}

/* A plain session of a limited server sees the newest messages only. */
static size_t first_seen(const struct peer *p)
{
	size_t limit = p->d->habits.message_limit;
	return is_limited(p) && p->visible > limit ? p->visible - limit : 0;
}

static bool refuses_select(struct peer *p)
{
	struct imapd_habits *h = &p->d->habits;
	if (h->needs_id && !p->knows_us) {
		peer_say(p, "%s NO SELECT Unsafe Login. Please contact the operator\r\n", p->tag);
		return true;
	}
	if (h->not_connected > 0) {
		h->not_connected--;
		peer_say(p, "%s BAD User is authenticated but not connected.\r\n", p->tag);
		return true;
	}
	return false;
}

static void do_select(struct peer *p, struct slice args)
{
	char name[4096];
	const struct imapd_habits *h = &p->d->habits;
	take_name(p, &args, name, sizeof(name));
	p->read_only = false;
	if (refuses_select(p))
		return;
	struct imapd_folder *f = imapd_find(p->d, name);
	p->selected = f;
	if (f == NULL) {
		peer_say(p, "%s NO [NONEXISTENT] no such mailbox\r\n", p->tag);
		return;
	}
	if (h->locked != NULL && str_eq(name, h->locked)) {
		p->selected = NULL;
		peer_say(p, "%s NO cannot be opened now\r\n", p->tag);
		return;
	}
	p->visible = f->n;
	peer_say(p, "* FLAGS (\\Answered \\Seen)\r\n* %zu EXISTS\r\n* 0 RECENT\r\n",
		 p->visible - first_seen(p));
	peer_say(p, "* OK [UIDVALIDITY %u] .\r\n* OK [UIDNEXT %u] .\r\n", f->uidvalidity,
		 f->uidnext);
	if (has_condstore(p))
		peer_say(p, "* OK [HIGHESTMODSEQ %u] .\r\n", f->modseq);
	peer_say(p, "* OK [PERMANENTFLAGS (%s)] .\r\n",
		 h->permanent != NULL ? h->permanent
				      : "\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*");
	peer_say(p, "%s OK [READ-WRITE] done\r\n", p->tag);
}

static void do_examine(struct peer *p, struct slice args)
{
	do_select(p, args);
	p->read_only = true;
}

/* -- FETCH -- */

struct wanted {
	struct slice set;
	struct slice items;
	uint64_t partial_from, partial_to; /* 0: all */
};

static bool is_in(struct slice set, uint32_t uid, uint32_t highest)
{
	uint32_t low;
	uint32_t high;
	bool star = memchr(set.ptr, '*', set.len) != NULL;
	while (imap_uidset_next(&set, &low, &high)) {
		if (star && low == UINT32_MAX)
			low = highest; /* "*" alone */
		if (star && high == UINT32_MAX && low > highest)
			low = highest; /* "9:*" always names the last */
		if (uid >= low && uid <= high)
			return true;
	}
	return false;
}

static bool contains(struct slice s, const char *words)
{
	for (; s.len > 0; s = rest_of(s, 1))
		if (slice_starts_nocase(s, slice_str(words)))
			return true;
	return false;
}

static struct slice header_of(const struct buf *body)
{
	const char *end = strstr(body->at, "\r\n\r\n");
	return (struct slice){ body->at, end != NULL ? (size_t)(end - body->at) + 4 : body->len };
}

/* What is left of UTF-8 in a header for a client of the old kind (RFC 6858). */
static void downgrade(char *header, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)header[i] >= 0x80)
			header[i] = '?';
}

static void say_body(struct peer *p, const struct imapd_message *m, struct slice items)
{
	struct slice s = buf_slice(&m->body);
	const char *item = "BODY[]";
	if (contains(items, "BODY.PEEK[HEADER")) {
		s = header_of(&m->body);
		item = "BODY[HEADER]";
	} else if (!contains(items, "BODY.PEEK[]")) {
		return;
	}
	p->d->bytes_fetched += (unsigned)s.len;
	peer_say(p, " %s {%zu}\r\n", item, s.len);
	buf_add(&p->out, s.ptr, s.len);
	if (p->d->habits.downgrades && !p->utf8)
		downgrade(p->out.at + p->out.len - s.len, header_of(&m->body).len);
}

static void say_fetch(struct peer *p, size_t i, struct slice items)
{
	const struct imapd_habits *h = &p->d->habits;
	const struct imapd_message *m = &p->selected->at[i];
	if (h->noise)
		peer_say(p, "* 1 FETCH (FLAGS (\\Flagged))\r\n* %zu EXISTS\r\n", p->visible);
	if (p->uidonly)
		peer_say(p, "* %u UIDFETCH (", m->uid);
	else
		peer_say(p, "* %zu FETCH (", i + 1 - first_seen(p));
	if (h->noise && contains(items, "RFC822.SIZE"))
		peer_say(p, "RFC822.SIZE %zu ", m->body.len + (size_t)h->size_off);
	if (!p->uidonly)
		peer_say(p, "UID %u ", m->uid);
	peer_say(p, "FLAGS (%s) INTERNALDATE \"%s\"", m->flags, m->date);
	if (!h->noise && contains(items, "RFC822.SIZE"))
		peer_say(p, " RFC822.SIZE %zu", m->body.len + (size_t)h->size_off);
	if (contains(items, "X-GM-MSGID"))
		peer_say(p, " X-GM-MSGID %llu", (unsigned long long)m->gm_id);
	say_body(p, m, items);
	peer_say(p, ")\r\n");
}

static bool is_rotten(const struct peer *p, const struct wanted *w)
{
	const struct imapd_folder *f = p->selected;
	uint32_t rotten = p->d->habits.rotten;
	return rotten != 0 && contains(w->items, "BODY.PEEK[]") &&
	       is_in(w->set, rotten, f->uidnext - 1);
}

/* Those of the set that this session may see, within the limit and the window. */
static void fetch_all(struct peer *p, const struct wanted *w)
{
	const struct imapd_folder *f = p->selected;
	size_t limit = p->d->habits.message_limit;
	uint32_t highest = p->visible > 0 ? f->at[p->visible - 1].uid : 0;
	size_t n = 0;
	for (size_t i = first_seen(p); i < p->visible; i++) {
		if (!is_in(w->set, f->at[i].uid, highest) || f->at[i].uid == p->d->habits.hidden)
			continue;
		n++;
		if (w->partial_to != 0 && (n < w->partial_from || n > w->partial_to))
			continue;
		if (w->partial_to == 0 && limit > 0 && n > limit) {
			peer_say(p, "%s NO [MESSAGELIMIT %zu %u] too many\r\n", p->tag, limit,
				 f->at[i].uid);
			p->d->offences++;
			return;
		}
		say_fetch(p, i, w->items);
	}
	say_ok(p);
}

static void do_uid_fetch(struct peer *p, struct slice args)
{
	struct wanted w = { .set = slice_until(&args, ' ') };
	w.items = args;
	for (struct slice s = args; s.len > 0; s = rest_of(s, 1)) {
		if (!slice_starts_nocase(s, SLICE_LIT("(PARTIAL ")))
			continue;
		struct slice range = rest_of(s, 9);
		struct slice from = slice_until(&range, ':');
		(void)slice_to_u64(from, &w.partial_from);
		(void)slice_to_u64(slice_until(&range, ')'), &w.partial_to);
	}
	if (p->selected == NULL)
		say_bad(p, "nothing is selected");
	else if (is_rotten(p, &w))
		peer_say(p,
			 "%s NO [UNAVAILABLE] UID FETCH Server error while fetching messages\r\n",
			 p->tag);
	else
		fetch_all(p, &w);
}

/* ALL, UID set, RETURN (COUNT) of these. */
static void do_uid_search(struct peer *p, struct slice args)
{
	const struct imapd_folder *f = p->selected;
	struct slice set = SLICE_LIT("1:*");
	bool count = take_word(&args, "RETURN (COUNT) ");
	size_t n = 0;
	if (f == NULL || (!take_word(&args, "ALL") && !take_word(&args, "UID "))) {
		say_bad(p, "SEARCH of that kind");
		return;
	}
	if (args.len > 0)
		set = args;
	if (!count)
		peer_say(p, "* SEARCH");
	for (size_t i = first_seen(p); i < p->visible; i++) {
		if (p->d->habits.blind_search || !is_in(set, f->at[i].uid, f->uidnext - 1))
			continue;
		if (p->d->habits.search_most > 0 && n == p->d->habits.search_most)
			break;
		n++;
		if (!count)
			peer_say(p, " %u", f->at[i].uid);
	}
	if (count)
		peer_say(p, "* ESEARCH (TAG \"%s\") UID COUNT %zu", p->tag, n);
	peer_say(p, "\r\n");
	say_ok(p);
}

static bool has_keyword(const char *flags)
{
	struct slice rest = slice_str(flags);
	while (rest.len > 0) {
		struct slice flag = slice_until(&rest, ' ');
		if (flag.len > 0 && flag.ptr[0] != '\\')
			return true;
	}
	return false;
}

/* "+FLAGS.SILENT (…)": added or taken away. */
static void store_flags(struct imapd_message *m, bool add, struct slice flags)
{
	struct buf now;
	struct slice rest = slice_str(m->flags);
	buf_init(&now);
	while (!add && rest.len > 0) {
		struct slice flag = slice_until(&rest, ' ');
		char text[128] = "";
		memcpy(text, flag.ptr, flag.len < 127 ? flag.len : 127);
		if (!imap_flags_has(flags, text))
			buf_addf(&now, "%s%s", now.len > 0 ? " " : "", text);
	}
	if (add)
		buf_addf(&now, "%s%s%.*s", m->flags, m->flags[0] != '\0' ? " " : "", (int)flags.len,
			 flags.ptr);
	char *text = mem_alloc(now.len + 1);
	memcpy(text, now.at, now.len + 1);
	buf_release(&now);
	free(m->flags);
	m->flags = text;
}

static void do_uid_store(struct peer *p, struct slice args)
{
	struct slice set = slice_until(&args, ' ');
	bool add = args.len > 0 && args.ptr[0] == '+';
	(void)slice_until(&args, '(');
	struct slice flags = slice_until(&args, ')');
	char text[512] = "";
	memcpy(text, flags.ptr, flags.len < 511 ? flags.len : 511);
	if (p->selected == NULL) {
		say_bad(p, "nothing is selected");
		return;
	}
	if (p->d->habits.refuses_keywords && has_keyword(text)) {
		peer_say(p, "%s BAD Command Argument Error. 11\r\n", p->tag);
		return;
	}
	for (size_t i = 0; i < p->visible; i++)
		if (is_in(set, p->selected->at[i].uid, p->selected->uidnext - 1)) {
			store_flags(&p->selected->at[i], add, flags);
			p->selected->modseq++;
		}
	say_ok(p);
}

/* Those of the set, one after the other, as RFC 6851 has it: a MOVE may stop halfway. */
static unsigned move_each(struct peer *p, struct imapd_folder *to, struct slice set)
{
	struct imapd_folder *f = p->selected;
	unsigned n = 0;
	for (size_t i = 0; i < p->visible;) {
		const struct imapd_message *m = &f->at[i];
		if (!is_in(set, m->uid, f->uidnext - 1)) {
			i++;
			continue;
		}
		if (p->d->habits.move_most > 0 && n == p->d->habits.move_most)
			return n + 1;
		(void)imapd_put(to, m->flags, m->date, m->body.at);
		(void)imapd_take(f, m->uid);
		p->visible--;
		n++;
		peer_say(p, "* %zu EXPUNGE\r\n", i + 1);
	}
	return n;
}

static void do_uid_move(struct peer *p, struct slice args)
{
	char name[4096];
	struct slice set = slice_until(&args, ' ');
	take_name(p, &args, name, sizeof(name));
	struct imapd_folder *to = imapd_find(p->d, name);
	unsigned most = p->d->habits.move_most;
	if (p->selected == NULL || p->read_only)
		say_bad(p, "nothing is selected to be changed");
	else if (to == NULL)
		peer_say(p, "%s NO [TRYCREATE] no such mailbox\r\n", p->tag);
	else if (++p->d->moves == p->d->habits.move_bye_at) {
		(void)move_each(p, to, set);
		say_bye(p, "Connection closed. 14");
	} else if (move_each(p, to, set) > most && most > 0)
		peer_say(p, "%s NO [SERVERBUG] not all of them\r\n", p->tag);
	else
		say_ok(p);
}

/* Its session is over; the next one is well. */
static void die(struct peer *p)
{
	p->dead = true;
	p->d->habits.dead_at_append = p->d->habits.dead_at_fetch = 0;
}

static void say_dead(struct peer *p)
{
	peer_say(p, "%s %s\r\n", p->tag, p->d->habits.dead_words);
}

/* -- APPEND -- */

static const char *message_id(const struct buf *body, size_t *len_r)
{
	const char *at = strstr(body->at, "Message-ID:");
	*len_r = at != NULL ? strcspn(at, "\r\n") : 0;
	return at;
}

static struct imapd_message *twin_in(const struct imapd_folder *f, const struct buf *body)
{
	size_t len;
	size_t other_len;
	const char *id = message_id(body, &len);
	for (size_t i = 0; id != NULL && i < f->n; i++) {
		const char *other = message_id(&f->at[i].body, &other_len);
		if (other != NULL && other_len == len && memcmp(id, other, len) == 0)
			return &f->at[i];
	}
	return NULL;
}

/* The message of the same Message-ID in any folder, where only one is kept. */
static struct imapd_message *twin_of(const struct peer *p, const struct imapd_folder *f,
				     const struct buf *body)
{
	const struct imapd *d = p->d;
	if (!d->habits.one_per_message_id)
		return NULL;
	struct imapd_message *twin = twin_in(f, body);
	for (size_t i = 0; twin == NULL && i < d->n_folders; i++)
		twin = twin_in(&d->folders[i], body);
	return twin;
}

static bool is_here(const struct imapd_folder *f, const struct imapd_message *m)
{
	for (size_t i = 0; i < f->n; i++)
		if (&f->at[i] == m)
			return true;
	return false;
}

struct appended {
	char flags[512], date[64];
	struct slice body;
};

static bool take_append(struct peer *p, struct slice *args, struct appended *a)
{
	*a = (struct appended){ .date = "22-Nov-2026 12:00:00 +0000" };
	*args = slice_trim(*args);
	if (args->len > 0 && args->ptr[0] == '(') {
		*args = rest_of(*args, 1);
		struct slice flags = slice_until(args, ')');
		memcpy(a->flags, flags.ptr, flags.len < 511 ? flags.len : 511);
		*args = slice_trim(*args);
	}
	if (args->len > 0 && args->ptr[0] == '"') {
		(void)take_astring(args, a->date, sizeof(a->date));
		*args = slice_trim(*args);
	}
	if (!p->utf8)
		return args->len > 0 && args->ptr[0] == '{' && take_literal(args, &a->body);
	return take_word(args, "UTF8 (~") && take_literal(args, &a->body) && take_word(args, ")");
}

/* What is there, and what an APPEND is about to add. */
struct kept {
	size_t n, bytes;
};

static struct kept kept(const struct imapd *d)
{
	struct kept k = { 0, 0 };
	for (size_t i = 0; i < d->n_folders; i++) {
		k.n += d->folders[i].n;
		for (size_t m = 0; m < d->folders[i].n; m++)
			k.bytes += d->folders[i].at[m].body.len;
	}
	return k;
}

static bool refuses_append(struct peer *p, const struct appended *a, struct kept *sum)
{
	const struct imapd_habits *h = &p->d->habits;
	sum->n++;
	sum->bytes += a->body.len;
	if (h->refuses_keywords && has_keyword(a->flags)) {
		peer_say(p, "%s BAD Command Argument Error. 11\r\n", p->tag);
		return true;
	}
	if (h->refused_words != NULL && contains(a->body, h->refused_words)) {
		peer_say(p, "%s NO Message contains NUL characters\r\n", p->tag);
		return true;
	}
	if ((h->quota > 0 && sum->n > h->quota) ||
	    (h->quota_bytes > 0 && sum->bytes > h->quota_bytes)) {
		peer_say(p, "%s NO %s\r\n", p->tag,
			 h->full_words != NULL
				 ? h->full_words
				 : "[OVERQUOTA] Quota exceeded (mailbox for user is full)");
		return true;
	}
	return false;
}

static uint32_t store_message(struct peer *p, struct imapd_folder *f, const struct appended *a)
{
	struct buf body;
	buf_init(&body);
	if (p->d->habits.rewrites)
		buf_adds(&body, "X-Server: was here\r\n");
	buf_add(&body, a->body.ptr, a->body.len);
	struct imapd_message *twin = twin_of(p, f, &body);
	uint32_t uid;
	if (twin != NULL && twin->gm_id == 0) /* a test put it there */
		twin->gm_id = ++p->d->gm_ids;
	if (twin != NULL && is_here(f, twin)) {
		uid = twin->uid;
	} else if (twin != NULL) { /* one message gets a second label */
		buf_clear(&body);
		buf_add(&body, twin->body.at, twin->body.len);
		uid = imapd_put(f, twin->flags, twin->date, body.at);
		f->at[f->n - 1].gm_id = twin->gm_id;
	} else {
		uid = imapd_put(f, a->flags, a->date, "");
		f->at[f->n - 1].gm_id = ++p->d->gm_ids;
		buf_add(&f->at[f->n - 1].body, body.at, body.len);
	}
	buf_release(&body);
	return uid;
}

/* A session that is dead for its client goes on here. */
static bool stores_late(struct peer *p, struct imapd_folder *f, const struct appended *a)
{
	struct imapd *d = p->d;
	if (d->habits.bye != BYE_AND_STORE_LATE || d->appends != d->habits.bye_at)
		return false;
	d->late.folder = f;
	d->late.at_ms = d->clock->at_ms + d->habits.late_ms;
	buf_add(&d->late.body, a->body.ptr, a->body.len);
	say_bye(p, "Connection closed. 14");
	return true;
}

static void store_late(struct imapd *d)
{
	if (d->late.folder == NULL || d->clock->at_ms < d->late.at_ms)
		return;
	(void)imapd_put(d->late.folder, "", "17-Jul-1996 02:44:25 -0700", d->late.body.at);
	d->late.folder = NULL;
}

/* One message, or several at once (RFC 3502): all of them or none. */
static void do_append(struct peer *p, struct slice args)
{
	char name[4096];
	struct appended a;
	struct buf uids;
	take_name(p, &args, name, sizeof(name));
	struct imapd_folder *f = imapd_find(p->d, name);
	if (f == NULL) {
		peer_say(p, "%s NO [TRYCREATE] no such mailbox\r\n", p->tag);
		return;
	}
	struct slice check = args;
	bool each = p->d->habits.stores_part;
	struct kept sum = kept(p->d);
	buf_init(&uids);
	while (slice_trim(check).len > 0) {
		bool well = take_append(p, &check, &a);
		if (!well)
			say_bad(p, "APPEND of that kind");
		if (!well || refuses_append(p, &a, &sum) || stores_late(p, f, &a)) {
			buf_release(&uids);
			return;
		}
		if (each)
			buf_addf(&uids, "%s%u", uids.len > 0 ? "," : "", store_message(p, f, &a));
	}
	while (!each && slice_trim(args).len > 0 && take_append(p, &args, &a))
		buf_addf(&uids, "%s%u", uids.len > 0 ? "," : "", store_message(p, f, &a));
	if (p->dead)
		say_dead(p);
	else if (p->d->habits.bye == BYE_AFTER_STORING && p->d->appends == p->d->habits.bye_at)
		say_bye(p, "Session invalidated - AccessTokenExpired");
	else if (p->d->habits.capability != NULL &&
		 strstr(p->d->habits.capability, "UIDPLUS") == NULL)
		say_ok(p);
	else
		peer_say(p, "%s OK [APPENDUID %u %s] done\r\n", p->tag, f->uidvalidity, uids.at);
	buf_release(&uids);
}

/* The tag and the word of the command whose literal is announced. */
bool peer_at_literal(struct peer *p)
{
	struct imapd_habits *h = &p->d->habits;
	struct slice rest = buf_slice(&p->in);
	struct slice tag = slice_until(&rest, ' ');
	if (!take_word(&rest, "APPEND ") || strstr(p->in.at, "\r\n") != NULL)
		return false;
	(void)snprintf(p->tag, sizeof(p->tag), "%.*s", (int)tag.len, tag.ptr);
	p->d->appends++;
	if (h->dead_at_append == p->d->appends)
		die(p);
	if (p->dead && !h->dead_stores && p->in.at[p->in.len - 2] != '+') {
		say_dead(p);
		return true;
	}
	if (h->throttled > 0) {
		h->throttled--;
		peer_say(p,
			 "%s NO Request is throttled. Suggested Backoff Time: %u milliseconds\r\n",
			 p->tag, h->backoff_ms);
		say_bye(p, "Connection closed. 14");
		return true;
	}
	if (h->bye == BYE_BEFORE_LITERAL && p->d->appends == h->bye_at) {
		say_bye(p, "Session invalidated - AccessTokenExpired");
		return true;
	}
	return false;
}

/* -- the rest -- */

static void do_capability(struct peer *p, struct slice args)
{
	const char *words = p->d->habits.capability;
	(void)args;
	peer_say(p, "* CAPABILITY IMAP4rev1 %s\r\n",
		 words != NULL ? words : "UIDPLUS LITERAL+ NAMESPACE");
	say_ok(p);
}

static void do_id(struct peer *p, struct slice args)
{
	(void)args;
	p->knows_us = true;
	peer_say(p, "* ID %s\r\n", p->d->habits.id != NULL ? p->d->habits.id : "NIL");
	say_ok(p);
}

static void do_namespace(struct peer *p, struct slice args)
{
	const char *text = p->d->habits.name_space;
	(void)args;
	if (text == NULL)
		peer_say(p, "* NAMESPACE ((\"\" \"%s\")) NIL NIL\r\n", delimiter_text(p->d));
	else
		peer_say(p, "* NAMESPACE %s\r\n", text);
	say_ok(p);
}

static void do_enable(struct peer *p, struct slice args)
{
	p->uidonly |= contains(args, "UIDONLY");
	p->utf8 |= contains(args, "UTF8=ACCEPT");
	peer_say(p, "* ENABLED %.*s\r\n", (int)args.len, args.ptr);
	say_ok(p);
}

static void do_nothing(struct peer *p, struct slice args)
{
	(void)args;
	if (p->selected != NULL)
		p->visible = p->selected->n;
	say_ok(p);
}

static void do_unselect(struct peer *p, struct slice args)
{
	(void)args;
	p->selected = NULL;
	say_ok(p);
}

static void do_logout(struct peer *p, struct slice args)
{
	(void)args;
	say_bye(p, "bye");
}

static void do_compress(struct peer *p, struct slice args)
{
	enum imapd_compress how = p->d->habits.compress;
	(void)args;
	if (how == COMPRESS_UNKNOWN) {
		say_bad(p, "no such command");
		return;
	}
	if (how == COMPRESS_ACTIVE || p->deflated != NULL) {
		peer_say(p, "%s NO [COMPRESSIONACTIVE] DEFLATE active\r\n", p->tag);
		return;
	}
	say_ok(p);
	if (how != COMPRESS_LIES)
		peer_compress(p);
}

static const struct {
	const char *word;
	void (*run)(struct peer *p, struct slice args);
} commands[] = {
	{ "CAPABILITY", do_capability },
	{ "ID ", do_id },
	{ "NAMESPACE", do_namespace },
	{ "ENABLE ", do_enable },
	{ "LIST ", do_list },
	{ "LSUB ", do_lsub },
	{ "STATUS ", do_status },
	{ "CREATE ", do_create },
	{ "SUBSCRIBE ", do_subscribe },
	{ "SELECT ", do_select },
	{ "EXAMINE ", do_examine },
	{ "UID FETCH ", do_uid_fetch },
	{ "UID SEARCH ", do_uid_search },
	{ "UID STORE ", do_uid_store },
	{ "UID MOVE ", do_uid_move },
	{ "APPEND ", do_append },
	{ "NOOP", do_nothing },
	{ "COMPRESS DEFLATE", do_compress },
	{ "UNSELECT", do_unselect },
	{ "LOGOUT", do_logout },
};

/* RFC 6855 §6: a server with UTF8=ONLY has nothing for who does not switch it on. */
static bool needs_utf8(struct slice command)
{
	static const char *const free_words[] = { "CAPABILITY", "ID ", "ENABLE ", "NAMESPACE",
						  "LOGOUT" };
	for (size_t i = 0; i < sizeof(free_words) / sizeof(free_words[0]); i++)
		if (slice_starts_nocase(command, slice_str(free_words[i])))
			return false;
	return true;
}

void peer_command(struct peer *p, struct slice command)
{
	struct slice tag = slice_until(&command, ' ');
	store_late(p->d);
	(void)snprintf(p->tag, sizeof(p->tag), "%.*s", (int)tag.len, tag.ptr);
	if (p->d->habits.mute && p->selected != NULL)
		return;
	if (slice_starts_nocase(command, SLICE_LIT("UID FETCH ")) &&
	    ++p->d->fetches == p->d->habits.dead_at_fetch)
		die(p);
	if (p->dead &&
	    !(p->d->habits.dead_stores && slice_starts_nocase(command, SLICE_LIT("APPEND ")))) {
		say_dead(p);
		return;
	}
	if (p->d->habits.utf8_only && !p->utf8 && needs_utf8(command)) {
		say_bad(p, "ENABLE UTF8=ACCEPT first");
		return;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!take_word(&command, commands[i].word))
			continue;
		commands[i].run(p, command);
		return;
	}
	say_bad(p, "unknown command");
}
