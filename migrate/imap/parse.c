/*
 * Response lines by their first words (RFC 3501 §7). Data that nobody here needs
 * becomes IMAP_EV_OTHER; data that is needed and malformed is refused, for a number
 * read wrongly could lose a message.
 */
#include "migrate/imap/parse.h"

#include <string.h>

static bool read_u32(struct imap_reader *r, uint32_t *v_r)
{
	uint64_t v;
	if (!imap_read_number(r, &v) || v > UINT32_MAX)
		return false;
	*v_r = (uint32_t)v;
	return true;
}

static const struct {
	const char *name;
	enum imap_code code;
} codes[] = {
	{ "ALERT", IMAP_CODE_ALERT },
	{ "ALREADYEXISTS", IMAP_CODE_ALREADYEXISTS },
	{ "APPENDUID", IMAP_CODE_APPENDUID },
	{ "AUTHENTICATIONFAILED", IMAP_CODE_AUTHENTICATIONFAILED },
	{ "CANNOT", IMAP_CODE_CANNOT },
	{ "CAPABILITY", IMAP_CODE_CAPABILITY },
	{ "EXPIRED", IMAP_CODE_EXPIRED },
	{ "HIGHESTMODSEQ", IMAP_CODE_HIGHESTMODSEQ },
	{ "INUSE", IMAP_CODE_INUSE },
	{ "LIMIT", IMAP_CODE_LIMIT },
	{ "MESSAGELIMIT", IMAP_CODE_MESSAGELIMIT },
	{ "NOMODSEQ", IMAP_CODE_NOMODSEQ },
	{ "NONEXISTENT", IMAP_CODE_NONEXISTENT },
	{ "NOPERM", IMAP_CODE_NOPERM },
	{ "OVERQUOTA", IMAP_CODE_OVERQUOTA },
	{ "PERMANENTFLAGS", IMAP_CODE_PERMANENTFLAGS },
	{ "READ-ONLY", IMAP_CODE_READONLY },
	{ "SERVERBUG", IMAP_CODE_SERVERBUG },
	{ "TOOBIG", IMAP_CODE_TOOBIG },
	{ "TRYCREATE", IMAP_CODE_TRYCREATE },
	{ "UIDNEXT", IMAP_CODE_UIDNEXT },
	{ "UIDVALIDITY", IMAP_CODE_UIDVALIDITY },
	{ "UNAVAILABLE", IMAP_CODE_UNAVAILABLE },
	{ "THROTTLED", IMAP_CODE_THROTTLED },
	{ "AUTHORIZATIONFAILED", IMAP_CODE_AUTHORIZATIONFAILED },
};

/* Codes nobody acts on are UNKNOWN, not an error: every extension brings new ones. */
static enum imap_code code_of(struct slice name)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (slice_eq_nocase(name, slice_str(codes[i].name)))
			return codes[i].code;
	return IMAP_CODE_UNKNOWN;
}

static void code_numbers(struct imap_status *st)
{
	struct slice rest = st->args;
	for (size_t i = 0; i < 2 && rest.len > 0; i++)
		if (!slice_to_u64(slice_until(&rest, ' '), &st->number[i]))
			return;
}

/* "[APPENDUID 38505 3955] text"; a bracket that never closes is plain text. */
static void parse_code(struct imap_reader *r, struct imap_status *st)
{
	char *close = memchr(r->at, ']', (size_t)(r->end - r->at));
	if (imap_peek(r) != '[' || close == NULL)
		return;
	struct slice inside = { r->at + 1, (size_t)(close - r->at) - 1 };
	struct slice name = slice_until(&inside, ' ');
	st->code = code_of(name);
	st->args = slice_trim(inside);
	code_numbers(st);
	r->at = close + 1;
	(void)imap_read_space(r);
}

static bool cond_of(struct slice word, enum imap_cond *cond_r)
{
	static const char *const words[] = { [IMAP_OK] = "OK",
					     [IMAP_NO] = "NO",
					     [IMAP_BAD] = "BAD",
					     [IMAP_BYE] = "BYE",
					     [IMAP_PREAUTH] = "PREAUTH" };
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (slice_eq_nocase(word, slice_str(words[i]))) {
			*cond_r = (enum imap_cond)i;
			return true;
		}
	}
	return false;
}

static bool finish_status(struct imap_reader *r, struct slice word, uint32_t tag,
			  struct imap_event *ev_r)
{
	struct imap_status *st = &ev_r->status;
	ev_r->kind = IMAP_EV_STATUS;
	st->tag = tag;
	if (!cond_of(word, &st->cond))
		return false;
	(void)imap_read_space(r);
	parse_code(r, st);
	st->text = imap_read_rest(r);
	return true;
}

bool imap_parse_status(struct imap_reader *r, uint32_t tag, struct imap_event *ev_r)
{
	struct slice word;
	return imap_read_atom(r, &word) && finish_status(r, word, tag, ev_r);
}

static bool has_attr(struct slice attrs, const char *name)
{
	while (attrs.len > 0)
		if (slice_eq_nocase(slice_until(&attrs, ' '), slice_str(name)))
			return true;
	return false;
}

/* LIST and LSUB: (attributes) delimiter name, then extended data that is skipped. */
static bool parse_list(struct imap_reader *r, struct imap_event *ev_r)
{
	struct imap_list *l = &ev_r->list;
	struct slice delimiter;
	bool is_nil;
	if (!imap_read_flat_list(r, &l->attrs) || !imap_read_space(r) ||
	    !imap_read_nstring(r, &delimiter, &is_nil) || !imap_read_space(r) ||
	    !imap_read_astring(r, &l->name) || delimiter.len > 3)
		return false;
	l->delimiter = '\0';
	if (!is_nil && delimiter.len > 0)
		l->delimiter = delimiter.ptr[0];
	l->nonexistent = has_attr(l->attrs, "\\NonExistent");
	l->noselect = l->nonexistent || has_attr(l->attrs, "\\Noselect");
	return true;
}

static int64_t bounded(uint64_t v)
{
	return v > INT64_MAX ? INT64_MAX : (int64_t)v;
}

static void set_status_item(struct imap_folder_status *f, struct slice name, uint64_t v)
{
	int64_t value = bounded(v);
	if (slice_eq_nocase(name, SLICE_LIT("MESSAGES")))
		f->messages = value;
	else if (slice_eq_nocase(name, SLICE_LIT("UIDNEXT")))
		f->uidnext = value;
	else if (slice_eq_nocase(name, SLICE_LIT("UIDVALIDITY")))
		f->uidvalidity = value;
	else if (slice_eq_nocase(name, SLICE_LIT("HIGHESTMODSEQ")))
		f->highestmodseq = value;
	else if (slice_eq_nocase(name, SLICE_LIT("SIZE")))
		f->size = value;
}

/* An item that is no number (MAILBOXID's list) is skipped by its shape. */
static bool parse_status_items(struct imap_reader *r, struct imap_folder_status *f)
{
	struct slice name;
	uint64_t v;
	while (!imap_read_char(r, ')')) {
		(void)imap_read_space(r);
		if (imap_peek(r) == ')')
			continue;
		if (!imap_read_atom(r, &name) || !imap_read_space(r))
			return false;
		struct imap_reader before = *r;
		if (imap_read_number(r, &v)) {
			set_status_item(f, name, v);
		} else {
			*r = before;
			if (!imap_skip_value(r))
				return false;
		}
	}
	return true;
}

static bool parse_folder_status(struct imap_reader *r, struct imap_event *ev_r)
{
	struct imap_folder_status *f = &ev_r->folder;
	*f = (struct imap_folder_status){ { NULL, 0 }, -1, -1, -1, -1, -1 };
	return imap_read_astring(r, &f->name) && imap_read_space(r) && imap_read_char(r, '(') &&
	       parse_status_items(r, f);
}

/* ESEARCH (RFC 4731): ["(TAG …)"] ["UID"] *(name value). */
static bool parse_esearch(struct imap_reader *r, struct imap_event *ev_r)
{
	struct slice name;
	while (!imap_read_end(r)) {
		if (imap_peek(r) == '(') {
			if (!imap_skip_value(r))
				return false;
		} else if (!imap_read_atom(r, &name)) {
			return false;
		} else if (slice_eq_nocase(name, SLICE_LIT("COUNT"))) {
			ev_r->esearch.has_count = true;
			if (!imap_read_space(r) || !imap_read_number(r, &ev_r->esearch.count))
				return false;
		} else if (slice_eq_nocase(name, SLICE_LIT("ALL"))) {
			if (!imap_read_space(r) || !imap_read_atom(r, &ev_r->esearch.all))
				return false;
		} else if (!slice_eq_nocase(name, SLICE_LIT("UID"))) {
			if (!imap_read_space(r) || !imap_skip_value(r))
				return false;
		}
		(void)imap_read_space(r);
	}
	return true;
}

static bool take_text(struct imap_reader *r, struct imap_event *ev_r)
{
	ev_r->text = imap_read_rest(r);
	return true;
}

static bool take_numbers(struct imap_reader *r, struct imap_event *ev_r)
{
	ev_r->numbers = imap_read_rest(r);
	return true;
}

/* "VANISHED (EARLIER) 41,43:116" (RFC 7162 §3.2.10); without the word it is about now. */
static bool parse_vanished(struct imap_reader *r, struct imap_event *ev_r)
{
	struct slice words;
	ev_r->vanished.earlier = imap_peek(r) == '(';
	if (ev_r->vanished.earlier && (!imap_read_flat_list(r, &words) || !imap_read_space(r)))
		return false;
	return imap_read_atom(r, &ev_r->vanished.uids);
}

/* One resource of a quota root: name, usage, limit. */
static bool parse_resource(struct imap_reader *r, struct imap_quota *q)
{
	struct slice name;
	uint64_t used;
	uint64_t limit;
	if (!imap_read_atom(r, &name) || !imap_read_space(r) || !imap_read_number(r, &used) ||
	    !imap_read_space(r) || !imap_read_number(r, &limit))
		return false;
	if (slice_eq_nocase(name, SLICE_LIT("STORAGE"))) {
		q->kib_used = bounded(used);
		q->kib_limit = bounded(limit);
	} else if (slice_eq_nocase(name, SLICE_LIT("MESSAGE"))) {
		q->messages_used = bounded(used);
		q->messages_limit = bounded(limit);
	}
	return true;
}

static bool parse_resources(struct imap_reader *r, struct imap_quota *q)
{
	struct slice root;
	if (!imap_read_astring(r, &root) || !imap_read_space(r) || !imap_read_char(r, '('))
		return false;
	while (!imap_read_char(r, ')')) {
		(void)imap_read_space(r);
		if (imap_peek(r) != ')' && !parse_resource(r, q))
			return false;
	}
	return true;
}

/* "QUOTA root (STORAGE 10 512 MESSAGE 3 100)" (RFC 9208 §4.1.1). It only warns of what a copy would
 * run into: one that cannot be read tells nothing, and is no reason to end a session. */
static bool parse_quota(struct imap_reader *r, struct imap_event *ev_r)
{
	const struct imap_quota untold = { -1, -1, -1, -1 };
	ev_r->quota = untold;
	if (!parse_resources(r, &ev_r->quota))
		ev_r->quota = untold;
	return true;
}

static bool parse_flags(struct imap_reader *r, struct imap_event *ev_r)
{
	return imap_read_flat_list(r, &ev_r->text);
}

static const struct {
	const char *word;
	enum imap_event_kind kind;
	bool (*parse)(struct imap_reader *r, struct imap_event *ev_r);
} untagged[] = {
	{ "CAPABILITY", IMAP_EV_CAPABILITY, take_text },
	{ "ENABLED", IMAP_EV_ENABLED, take_text },
	{ "LIST", IMAP_EV_LIST, parse_list },
	{ "LSUB", IMAP_EV_LSUB, parse_list },
	{ "NAMESPACE", IMAP_EV_NAMESPACE, take_text },
	{ "STATUS", IMAP_EV_FOLDER_STATUS, parse_folder_status },
	{ "FLAGS", IMAP_EV_FLAGS, parse_flags },
	{ "SEARCH", IMAP_EV_SEARCH, take_numbers },
	{ "ESEARCH", IMAP_EV_ESEARCH, parse_esearch },
	{ "ID", IMAP_EV_ID, take_text },
	{ "VANISHED", IMAP_EV_VANISHED, parse_vanished },
	{ "QUOTA", IMAP_EV_QUOTA, parse_quota },
};

/* "* 12 EXISTS" and its like. */
static bool parse_numbered(struct imap_reader *r, struct imap_event *ev_r)
{
	struct slice word;
	uint32_t n;
	if (!read_u32(r, &n) || !imap_read_space(r) || !imap_read_atom(r, &word))
		return false;
	ev_r->number = n;
	ev_r->kind = IMAP_EV_OTHER;
	if (slice_eq_nocase(word, SLICE_LIT("EXISTS")))
		ev_r->kind = IMAP_EV_EXISTS;
	else if (slice_eq_nocase(word, SLICE_LIT("EXPUNGE")))
		ev_r->kind = IMAP_EV_EXPUNGE;
	return true;
}

static bool parse_untagged(struct imap_reader *r, struct imap_event *ev_r)
{
	struct slice word;
	char c = imap_peek(r);
	if (c >= '0' && c <= '9')
		return parse_numbered(r, ev_r);
	if (!imap_read_atom(r, &word))
		return false;
	for (size_t i = 0; i < sizeof(untagged) / sizeof(untagged[0]); i++) {
		if (!slice_eq_nocase(word, slice_str(untagged[i].word)))
			continue;
		ev_r->kind = untagged[i].kind;
		(void)imap_read_space(r);
		return untagged[i].parse(r, ev_r);
	}
	enum imap_cond cond;
	if (cond_of(word, &cond))
		return finish_status(r, word, 0, ev_r);
	ev_r->kind = IMAP_EV_OTHER;
	ev_r->text = word;
	return true;
}

/* Our own tags are "A<number>"; another tag is no answer to us. */
static bool parse_tagged(struct imap_reader *r, struct imap_event *ev_r)
{
	uint32_t tag;
	return imap_read_char(r, 'A') && read_u32(r, &tag) && tag > 0 && imap_read_space(r) &&
	       imap_parse_status(r, tag, ev_r);
}

bool imap_parse_line(struct imap_reader *r, struct imap_event *ev_r)
{
	if (imap_read_char(r, '*'))
		return imap_read_space(r) && parse_untagged(r, ev_r);
	if (imap_read_char(r, '+')) {
		ev_r->kind = IMAP_EV_CONTINUE;
		(void)imap_read_space(r);
		return take_text(r, ev_r);
	}
	return parse_tagged(r, ev_r);
}

bool imap_next_number(struct slice *rest, uint32_t *v_r)
{
	uint64_t v;
	while (rest->len > 0) {
		struct slice word = slice_until(rest, ' ');
		if (word.len == 0)
			continue;
		if (!slice_to_u64(word, &v) || v > UINT32_MAX)
			return false;
		*v_r = (uint32_t)v;
		return true;
	}
	return false;
}
