/*
 * The small parts of which snapshot documents are made.
 */
#include "dns/snapshot_doc.h"
#include "zone/dname.h"

enum { LIST_MAX = 4096 };

/* The kind is ERR_ITEM: another document may be fine. */
int doc_refuse(const struct reader *r, const char *what)
{
	return err_set(r->e, ERR_ITEM, "no snapshot: %s", what);
}

/* The writers' words, asked one by one, so there is no second list to keep. */
int doc_word(const struct js *v, const char *key, doc_word_fn *name, int last)
{
	const char *word = js_get_str(v, key);
	for (int i = 0; i <= last; i++) {
		if (str_eq(word, name(i)))
			return i;
	}
	return -1;
}

const char *doc_text(const struct reader *r, const struct js *v, const char *key)
{
	const struct js *member = js_get(v, key);
	return js_is_string(member) ? arena_strdup(r->a, js_str(member)) : NULL;
}

int doc_name(const struct reader *r, const struct js *v, const char *key, const char **name_r)
{
	const struct js *member = js_get(v, key);
	*name_r = NULL;
	if (!js_is_string(member))
		return 0;
	*name_r = dname_canon(r->a, js_str(member), r->e);
	return *name_r != NULL ? 0 : -1;
}

/* Where checks compare by name, NULL would crash them. */
int doc_need_name(const struct reader *r, const struct js *v, const char *key, const char **name_r)
{
	if (doc_name(r, v, key, name_r) != 0)
		return -1;
	return *name_r != NULL ? 0 : doc_refuse(r, "a name is missing");
}

int doc_rrset(const struct reader *r, const struct js *v, const char *key,
	      const struct rrset **set_r)
{
	*set_r = NULL;
	if (!js_is_object(js_get(v, key)))
		return 0;
	*set_r = rrset_from_js(r->a, js_get(v, key), r->e);
	return *set_r != NULL ? 0 : -1;
}

uint32_t doc_u32(const struct js *v, const char *key)
{
	int64_t n = js_get_int(v, key);
	return n < 0 || n > UINT32_MAX ? 0 : (uint32_t)n;
}

size_t doc_texts(const struct reader *r, const struct js *list, const char *const **list_r)
{
	size_t n = js_len(list);
	const char **texts = ARENA_ARRAY(r->a, n, const char *);
	for (size_t i = 0; i < n; i++)
		texts[i] = arena_strdup(r->a, js_str(js_at(list, i)));
	*list_r = texts;
	return n;
}

/* Type 0 would match nothing and be asked for nowhere. */
int doc_question(const struct reader *r, const struct js *v, struct dns_question *q_r)
{
	q_r->type = rr_type_from_name(js_get_str(v, "type"));
	if (q_r->type == 0)
		return doc_refuse(r, "unknown type of a question");
	return doc_need_name(r, v, "name", &q_r->name);
}

void *doc_list(const struct reader *r, const struct js *list, size_t size, doc_item_fn *fn)
{
	size_t n = js_len(list);
	if (n > LIST_MAX) {
		(void)doc_refuse(r, "a list is too long");
		return NULL;
	}
	char *items = arena_array(r->a, n, size);
	for (size_t i = 0; i < n; i++) {
		if (fn(r, js_at(list, i), items + i * size) != 0)
			return NULL;
	}
	return items;
}
