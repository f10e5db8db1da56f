/*
 * Proofs as a hostile server might send them, but signed as they must be: the logic behind
 * the signatures is what is tried here. The first line is the question ("b.x.net. TXT
 * nxdomain"), then a record a line: "+" or "-" (signed or not), "a" or "u" (answer or
 * authority), owner, type, rdata. What begins with "{" is a snapshot's document.
 */
#include <string.h>

#include "signed.h"
#include "zone/dname.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 4096 };

struct world {
	struct signer root, x;
};

/* Keys are made once; which ones they are changes no verdict. */
static struct world *world_get(void)
{
	static struct world w;
	if (w.root.key == NULL) {
		w.root = signer_make(".", LDNS_SIGN_ECDSAP256SHA256);
		w.x = signer_make("x.net.", LDNS_SIGN_ECDSAP256SHA256);
	}
	return &w;
}

static const char *word(struct arena *a, struct slice *rest)
{
	return arena_slice(a, slice_until(rest, ' '));
}

static void add_line(struct draft *d, struct slice line, const struct signer *s)
{
	struct err e = { 0 };
	if (line.len < 4 || d->proof.answer_n + 2 > PROOF_MAX ||
	    d->proof.authority_n + 2 > PROOF_MAX)
		return;
	bool is_signed = line.ptr[0] == '+';
	bool answer = line.ptr[1] == 'a';
	struct slice rest = { line.ptr + 2, line.len - 2 };
	const char *owner = word(d->a, &rest);
	uint16_t type = rr_type_from_name(word(d->a, &rest));
	const char *rdata = arena_slice(d->a, rest);
	const struct rrset *set = rrset_make(d->a, owner, type, 300, 1, &rdata, &e);
	if (set == NULL)
		return;
	if (answer)
		draft_answer(d, is_signed ? s : NULL, set);
	else
		draft_authority(d, is_signed ? s : NULL, set);
}

static struct draft *question(struct arena *a, struct slice line)
{
	struct err e = { 0 };
	const char *name = dname_canon(a, word(a, &line), &e);
	uint16_t type = rr_type_from_name(word(a, &line));
	enum seen_state state = slice_eq(line, SLICE_LIT("nxdomain")) ? SEEN_NXDOMAIN
				: slice_eq(line, SLICE_LIT("data"))   ? SEEN_DATA
								      : SEEN_NODATA;
	return name != NULL ? draft_of(a, name, type, state) : NULL;
}

/* The same proof as an answer of x.net and, by the root, as its word about the DS. */
static void judge(struct arena *a, const struct seen *seen, bool as_ds)
{
	struct world *w = world_get();
	struct zone_link links[] = {
		{ .zone = ".", .dnskey = data_of(a, &w->root, signer_dnskey(a, &w->root)) },
		{ .zone = "x.net.",
		  .parent = ".",
		  .ds = data_of(a, &w->root, signer_ds(a, &w->x, LDNS_SHA256)),
		  .dnskey = data_of(a, &w->x, signer_dnskey(a, &w->x)) },
	};
	struct lookup lookup = { .seen = *seen, .zone = "x.net." };
	struct snapshot s = { .domain = "x.net.",
			      .zone = "x.net.",
			      .link_n = 2,
			      .links = links,
			      .lookup_n = 1,
			      .lookups = &lookup };
	if (as_ds)
		links[1].ds = *seen;
	const struct dnssec_opts opts = { .anchor = signer_ds(a, &w->root, LDNS_SHA256),
					  .now_ms = NOW_MS };
	const struct dnssec_view *v = dnssec_judge(a, &s, &opts);
	if (secure_state_name(v->lookups[0].state) == NULL ||
	    (v->zone.state == SECURE_BOGUS) != (v->zone.why != BOGUS_NOT))
		abort();
}

static void judge_text(struct arena *a, struct slice text)
{
	struct world *w = world_get();
	struct draft *d = question(a, slice_until(&text, '\n'));
	struct draft *ds = draft_of(a, "x.net.", RR_DS, SEEN_NODATA);
	if (d == NULL)
		return;
	while (text.len > 0) {
		struct slice line = slice_until(&text, '\n');
		add_line(d, line, &w->x);
		add_line(ds, line, &w->root);
	}
	struct seen seen = seen_of(d);
	judge(a, &seen, false);
	seen = seen_of(ds);
	judge(a, &seen, true);
}

static void judge_document(struct arena *a, struct slice text)
{
	struct err e = { 0 };
	struct js *v = js_parse(text, &e);
	const struct snapshot *s = v != NULL ? snapshot_from_js(a, v, &e) : NULL;
	const struct dnssec_opts opts = { .anchor = signer_ds(a, &world_get()->root, LDNS_SHA256),
					  .now_ms = NOW_MS };
	if (s != NULL)
		(void)dnssec_judge(a, s, &opts);
	js_free(v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct arena *a = arena_new();
	if (size > 0 && data[0] == '{')
		judge_document(a, text);
	else if (size <= INPUT_MAX)
		judge_text(a, text);
	arena_free(a);
	return 0;
}
