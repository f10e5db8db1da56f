/*
 * setHosts replaces everything, so what cannot be said again exactly is refused before anything is
 * written. MX rows of Namecheap's own services are the one thing that is never sent: they come and
 * go with the mail setting.
 */
#include "registrars/namecheap/rewrite.h"

#include <string.h>

#include "registrars/form.h"
#include "zone/dname.h"

struct rewriting {
	struct arena *a;
	const struct hosts *now;
	const struct change_set *cs;
	enum mail_setting mail; /* as it shall be */
	struct rewrite *out;
};

/* -- may it be written at all? -- */

/* The kinds of rows that setHosts documents. */
static bool is_known_type(const char *type)
{
	static const char *const known[] = { "A",   "AAAA", "ALIAS", "CAA", "CNAME",  "MX",
					     "MXE", "NS",   "TXT",   "URL", "URL301", "FRAME" };
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (str_eq_nocase(known[i], type))
			return true;
	}
	return false;
}

static bool is_apex_mx(const struct hosts *h, const struct host *host)
{
	return host_is_of(host, h->zone, RR_MX);
}

/* A row of the service itself: it is there because of the setting. */
static bool is_service_row(const struct hosts *h, const struct host *host)
{
	return mail_is_own(h->mail) && is_apex_mx(h, host) && host->rdata != NULL &&
	       mail_is_of(h->mail, 1, &host->rdata);
}

static const char *why_not(const struct hosts *h, const struct host *host)
{
	if (!is_known_type(host->type))
		return "its kind is none that the API can write";
	if (host->rr_type == RR_TXT && strchr(host->address, '"') != NULL)
		return "the API does not keep the double quotes of a text";
	if (host->inactive)
		return "it is switched off, which the API cannot write";
	if (host->dynamic)
		return "it is marked for dynamic DNS, which the API cannot write";
	if (str_eq_nocase(host->type, "MX") && h->mail != MAIL_MX && !is_service_row(h, host))
		return "an MX row is lost when the domain is written while its mail setting is not "
		       "Custom MX";
	return NULL;
}

int rewrite_check_rows(struct arena *a, const struct hosts *h, struct err *e)
{
	for (size_t i = 0; i < h->list.n; i++) {
		const struct host *host = &h->list.at[i];
		const char *why = why_not(h, host);
		if (why == NULL)
			continue;
		(void)err_set(e, ERR_REFUSED,
			      "every write replaces the whole domain, and the row %s cannot be "
			      "written again as it is: %s",
			      host_show(a, host), why);
		return err_hint(e, "nothing was written; change that row in the panel (Advanced "
				   "DNS), or use `dns.provider: manual` with `panel: namecheap`");
	}
	if (h->list.n > 0)
		return 0;
	(void)err_set(e, ERR_REFUSED,
		      "the domain's listing is empty, and the whole domain would be "
		      "written from it");
	return err_hint(e, "nothing was written; a domain without any row is changed in the panel");
}

/* -- the mail setting -- */

static const struct change *find_change(const struct change_set *cs, const char *owner,
					uint16_t type)
{
	for (size_t i = 0; i < cs->n; i++) {
		if (cs->changes[i].type == type && dname_equal(cs->changes[i].name, owner))
			return &cs->changes[i];
	}
	return NULL;
}

/* MX records below the domain that will be there. */
static bool has_lower_mx(const struct hosts *h, const struct change_set *cs)
{
	for (size_t i = 0; i < cs->n; i++) {
		const struct change *c = &cs->changes[i];
		if (c->type == RR_MX && c->after != NULL && !dname_equal(c->name, h->zone))
			return true;
	}
	for (size_t i = 0; i < h->list.n; i++) {
		const struct host *host = &h->list.at[i];
		if (host->owner != NULL && host->rr_type == RR_MX && !is_apex_mx(h, host) &&
		    find_change(cs, host->owner, RR_MX) == NULL)
			return true;
	}
	return false;
}

static enum mail_setting wanted_mail(const struct hosts *h, const struct change_set *cs,
				     enum mail_setting home)
{
	const struct change *c = find_change(cs, h->zone, RR_MX);
	bool lower = has_lower_mx(h, cs);
	if (c == NULL)
		return lower && h->mail == MAIL_NONE ? MAIL_MX : h->mail;
	if (c->after == NULL)
		return lower ? MAIL_MX : MAIL_NONE;
	if (mail_is_own(home) && mail_is_of(home, c->after->n, c->after->rdata))
		return home;
	return MAIL_MX;
}

/* The project file is the memory of it: after the switch nothing at Namecheap tells any more what
 * the rollback has to put back. */
static int refuse_forgetting(const struct hosts *h, struct err *e)
{
	(void)err_set(e, ERR_REFUSED,
		      "the domain's mail setting is \"%s\" (%s), and a change of its MX replaces "
		      "it by \"%s\"",
		      mail_title(h->mail), mail_word(h->mail), mail_title(MAIL_MX));
	return err_hint(e,
			"nothing was written; if that is meant, write `mail_setting: %s` under dns "
			"in the project file: then it is done, and a rollback puts it back",
			mail_word(h->mail));
}

int rewrite_check_home(const struct hosts *now, enum mail_setting home, struct err *e)
{
	return mail_is_own(now->mail) && home != now->mail ? refuse_forgetting(now, e) : 0;
}

static int refuse_own_rows(const struct hosts *h, struct err *e)
{
	(void)err_set(e, ERR_REFUSED,
		      "the MX records come with the mail setting \"%s\" (%s): their TTL and order "
		      "are Namecheap's",
		      mail_title(h->mail), mail_word(h->mail));
	return err_hint(e,
			"nothing was written; let policy.max_mx_ttl be at least their TTL and plan "
			"again: the old TTL is waited for instead");
}

static int refuse_lower_mx(enum mail_setting mail, struct err *e)
{
	(void)err_set(e, ERR_REFUSED,
		      "MX records below the domain are served only with the mail setting \"%s\", "
		      "and it would be \"%s\"",
		      mail_title(MAIL_MX), mail_title(mail));
	return err_hint(e,
			"nothing was written; choose Custom MX in the panel (Advanced DNS > Mail "
			"Settings), or take those records out");
}

static int choose_mail(const struct hosts *h, const struct change_set *cs, enum mail_setting home,
		       enum mail_setting *mail_r, struct err *e)
{
	enum mail_setting mail = wanted_mail(h, cs, home);
	bool changes_mx = find_change(cs, h->zone, RR_MX) != NULL;
	if (mail != MAIL_MX && has_lower_mx(h, cs))
		return refuse_lower_mx(mail, e);
	if (changes_mx && mail == h->mail && mail_is_own(mail))
		return refuse_own_rows(h, e);
	if (mail != h->mail && h->mail != MAIL_MX && h->mail != MAIL_NONE && home != h->mail)
		return refuse_forgetting(h, e);
	*mail_r = mail;
	return 0;
}

/* -- the rows -- */

static bool same_value(const struct rrset *set, size_t i, const struct host *host)
{
	return host->rdata != NULL && str_eq(set->rdata[i], host->rdata);
}

/* Which value of the after-image this row carries; the set's number of values: none. */
static size_t value_at(const struct change *c, const struct host *host)
{
	size_t i = 0;
	if (c->after == NULL)
		return 0;
	while (i < c->after->n && !same_value(c->after, i, host))
		i++;
	return i;
}

static int push_new(const struct rewriting *w, const struct change *c, size_t i, struct err *e)
{
	return host_make(w->a, w->now->zone, c->after, i, vec_push(w->a, &w->out->rows.list), e);
}

/* A row of a planned RRset: it stays where it is, changes its TTL in its place, or goes. */
static int take_planned(const struct rewriting *w, const struct change *c, const struct host *host,
			struct err *e)
{
	size_t i = value_at(c, host);
	if (c->after == NULL || i == c->after->n)
		return 0;
	if (host->ttl != c->after->ttl)
		return push_new(w, c, i, e);
	*vec_push(w->a, &w->out->rows.list) = *host;
	return 0;
}

static int take_row(const struct rewriting *w, const struct host *host, struct err *e)
{
	const struct change *c = host->owner != NULL && host->rr_type != 0
					 ? find_change(w->cs, host->owner, host->rr_type)
					 : NULL;
	if (c != NULL)
		return take_planned(w, c, host, e);
	*vec_push(w->a, &w->out->rows.list) = *host;
	*vec_push(w->a, &w->out->kept.list) = *host;
	return 0;
}

static bool has_value(const struct hosts *now, const struct change *c, size_t i)
{
	for (size_t k = 0; k < now->list.n; k++) {
		const struct host *host = &now->list.at[k];
		if (host_is_of(host, c->name, c->type) && !is_service_row(now, host) &&
		    same_value(c->after, i, host))
			return true;
	}
	return false;
}

/* Values that no row has yet. */
static int add_missing(const struct rewriting *w, const struct change *c, struct err *e)
{
	bool is_apex = c->type == RR_MX && dname_equal(c->name, w->now->zone);
	if (c->after == NULL || (is_apex && mail_is_own(w->mail)))
		return 0;
	for (size_t i = 0; i < c->after->n; i++) {
		if (!has_value(w->now, c, i) && push_new(w, c, i, e) != 0)
			return -1;
	}
	return 0;
}

/* A service's rows are never sent: they are made by its setting, and stay while that stays. */
static bool comes_by_itself(const struct rewriting *w, const struct host *host)
{
	bool service = is_service_row(w->now, host);
	if (service && w->mail == w->now->mail)
		*vec_push(w->a, &w->out->kept.list) = *host;
	return service || (mail_is_own(w->mail) && is_apex_mx(w->now, host));
}

static int make_rows(const struct rewriting *w, struct err *e)
{
	for (size_t i = 0; i < w->now->list.n; i++) {
		const struct host *host = &w->now->list.at[i];
		if (!comes_by_itself(w, host) && take_row(w, host, e) != 0)
			return -1;
	}
	for (size_t i = 0; i < w->cs->n; i++) {
		if (add_missing(w, &w->cs->changes[i], e) != 0)
			return -1;
	}
	if (w->out->rows.list.n > 0)
		return 0;
	return err_set(e, ERR_REFUSED, "no row would be left of the domain");
}

int rewrite_make(struct arena *a, const struct hosts *now, const struct change_set *cs,
		 enum mail_setting home, struct rewrite *out, struct err *e)
{
	struct rewriting w = { .a = a, .now = now, .cs = cs, .out = out };
	if (rewrite_check_rows(a, now, e) != 0 || choose_mail(now, cs, home, &w.mail, e) != 0)
		return -1;
	*out = (struct rewrite){ .rows = { .zone = now->zone, .mail = w.mail },
				 .kept = { .zone = now->zone, .mail = w.mail } };
	return make_rows(&w, e);
}

static void add_number(struct arena *a, struct buf *form, const char *name, size_t row,
		       uint32_t value)
{
	form_add(form, arena_printf(a, "%s%zu", name, row),
		 slice_str(arena_printf(a, "%u", (unsigned)value)));
}

static void add_text(struct arena *a, struct buf *form, const char *name, size_t row,
		     const char *value)
{
	form_add(form, arena_printf(a, "%s%zu", name, row), slice_str(value));
}

void rewrite_form(struct arena *a, const struct hosts *rows, struct buf *form)
{
	form_add(form, "EmailType", slice_str(mail_word(rows->mail)));
	for (size_t i = 0; i < rows->list.n; i++) {
		const struct host *h = &rows->list.at[i];
		add_text(a, form, "HostName", i + 1, h->name);
		add_text(a, form, "RecordType", i + 1, h->type);
		add_text(a, form, "Address", i + 1, h->address);
		add_number(a, form, "MXPref", i + 1, h->mx_pref);
		add_number(a, form, "TTL", i + 1, h->ttl);
	}
}
