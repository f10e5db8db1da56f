/*
 * desc_read.h - reading a description's members: every refusal names file and place, a member that
 * nobody knows is refused with the nearest that is known. Only for this folder.
 */
#ifndef REGISTRARS_REST_DESC_READ_H
#define REGISTRARS_REST_DESC_READ_H

#include "registrars/rest/desc.h"

/* A place in the document. A plain value; what it points at is the arena's. */
struct place {
	struct arena *a;
	const char *file, *path; /* "list.paging" */
	const struct js *v;      /* NULL: absent */
	struct err *e;
};

/* Refuses the place; answers -1. */
int place_refuse(const struct place *p, const char *why);
/* A member, absent or not; an element of a list. */
struct place place_member(const struct place *p, const char *name);
struct place place_item(const struct place *p, size_t i);
/* -1 unless it is an object with no members but these (NULL-terminated). */
int place_object(const struct place *p, const char *const *known);

/* Texts: -1 when it is there and no text, or needed and absent or empty. */
int place_text(const struct place *p, const char *member, const char **text_r);
int place_need_text(const struct place *p, const char *member, const char **text_r);
/* A whole number of 0 to max; absent: as it was. */
int place_number(const struct place *p, const char *member, unsigned max, unsigned *v_r);
/* One of the words (NULL-terminated); absent: as it was. *v_r is its index. */
int place_word(const struct place *p, const char *member, const char *const *words, unsigned *v_r);
/* A list of texts, NULL-terminated; absent: empty. */
int place_texts(const struct place *p, const char *member, const char *const **list_r);
/* A list of HTTP status numbers. */
int place_statuses(const struct place *p, const char *member, int *list_r);
/* An object of texts. */
int place_fields(const struct place *p, const char *member, struct desc_fields *f_r);
/* One request, or a list of them. */
int place_request(const struct place *p, struct desc_request *r_r);
int place_steps(const struct place *p, const char *member, struct desc_steps *s_r);
/* A request whose answer has records. */
int place_list(const struct place *p, struct desc_list *l_r);
/* A list of { field, equals, why }. */
int place_skips(const struct place *parent, const char *member, const struct desc_skip **skips_r,
		size_t *n_r);
/* How a record looks in the provider's words: the members of "record". */
int place_record(const struct place *p, struct desc_record *r_r);
/* What belongs to the unit "zone" and what cannot stand beside it; all else of `d` is read by now.
 */
int place_zone_unit(const struct place *top, struct desc *d);
/* A signer, checked against what it needs; `d` has its options and its login by now. */
int place_signer(const struct place *p, struct desc *d);

#endif
