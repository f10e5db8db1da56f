/*
 * spf_tree.h - what a receiver does with a domain's SPF record and all that it includes
 * (RFC 7208 §4.6.4, §5.2, §6.1): how many lookups, what it reaches, where it gives up.
 *
 * Worked out from a snapshot alone; nothing is asked.
 */
#ifndef DNS_SPF_TREE_H
#define DNS_SPF_TREE_H

#include "dns/snapshot.h"
#include "dns/spf_record.h"

enum {
	SPF_LOOKUPS_MAX = 10, /* §4.6.4 */
	SPF_VOIDS_MAX = 2,
	SPF_MX_HOSTS_MAX = 10,
};

/* One name with SPF, same order as snapshot.spf. */
struct spf_node {
	const struct spf_view *view;
	const struct spf_record *record; /* NULL: none, several, or unreadable */
	const char *from;                /* whose record leads here first; NULL: the domain's own */
	bool reached;                    /* a receiver gets here when nothing before matches */
	bool passes;                     /* what passes here passes for the domain */
	bool counting, counted;          /* for the walk */
	size_t lookups;                  /* DNS terms from here on down */
};

struct spf_tree {
	const struct snapshot *snap;
	size_t n;
	struct spf_node *nodes;
	size_t lookups;           /* DNS terms in the worst case; a loop is gone through once */
	const char *loop;         /* canonical: a record that leads to itself; NULL: none does */
	const char *crowded_mx;   /* a name in an mx term with more than 10 MX hosts; NULL */
	bool complete;            /* everything that is reached could be read */
	size_t void_n;            /* terms whose names surely have no such record … */
	const char *const *voids; /* … as written: "a:x.net" */
};

/* Never NULL; with unreadable or several records of the domain's own it has no lookups and is
 * not complete. The snapshot stays as long as the result. Linear in the records' length. */
const struct spf_tree *spf_tree_build(struct arena *a, const struct snapshot *s);
/* The same as if the domain's own record were the one in `txt` (NULL: it had none): what a plan
 * would write, or what one server shows. Names that nobody asked for are not there, and the tree is
 * not complete then. */
const struct spf_tree *spf_tree_with(struct arena *a, const struct snapshot *s,
				     const struct rrset *txt);
/* True when each of the terms ("include:a.net ip4:192.0.2.1") gives a pass for the domain:
 * reached through passing includes and redirects, itself with "+". */
bool spf_tree_covers(const struct spf_tree *t, struct arena *a, const char *terms);

enum spf_cover {
	SPF_COVERS,
	SPF_COVERS_NOT,   /* surely: all that is reached was read, or there is not one record */
	SPF_COVER_UNREAD, /* a part that could not be read, or that macros choose, may hold it */
	SPF_GIVES_UP,     /* they are there, and a receiver ignores the record: more than
			   * SPF_LOOKUPS_MAX look-ups, or a loop (§4.6.4) */
};
/* What a receiver would make of the terms, who looks at the record as a whole. */
enum spf_cover spf_tree_judge(const struct spf_tree *t, struct arena *a, const char *terms);
/* The first name on the way whose record could not be read, canonical; NULL: all could, or macros
 * choose it. */
const char *spf_tree_unread(const struct spf_tree *t);

#endif
