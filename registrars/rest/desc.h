/*
 * desc.h - a described provider: what the one REST engine needs to know of an HTTP API, as plain
 * values, read from a JSON document (docs/providers-described.md is its reference).
 *
 * A template is text in which {word} stands for a variable (vars.h). A path is a list of member
 * names and list positions, "result/0/id"; the empty path is the value itself.
 */
#ifndef REGISTRARS_REST_DESC_H
#define REGISTRARS_REST_DESC_H

#include "registrars/registrar.h"

enum { DESC_SCHEMA = 1, DESC_STATUS_MAX = 6, DESC_PARTS_MAX = 5, DESC_STEPS_MAX = 4 };

/* A name and a template or path. */
struct desc_field {
	const char *name, *text;
	const char *when; /* only when this variable has a value; NULL: always */
};
struct desc_fields {
	size_t n;
	const struct desc_field *at;
};

enum desc_when { WHEN_ALWAYS, WHEN_TTL, WHEN_VALUES }; /* what of an RRset must differ */

struct desc_request {
	const char *method;
	/* Template: behind base_url when it begins with / or ?, or a whole "https://…"; one that
	 * begins with a variable is an address from an answer, put in as it is. */
	const char *path;
	struct desc_fields query, headers, form;
	const struct js *body;        /* template; NULL: none */
	int ok[DESC_STATUS_MAX];      /* 0-terminated; none: every 2xx */
	int missing[DESC_STATUS_MAX]; /* these say "there is none" */
	struct desc_fields take;      /* variables from the answer, by path */
	struct desc_fields cookies;   /* variables from the answer's cookies, by name */
	struct desc_fields expect;    /* path of a good answer → what stands there (template) */
	enum desc_when when;
	const char *unless; /* not sent when this variable has a value; NULL */
	unsigned for_s;     /* of a login: what it takes is good for so long; 0: for the session */
};

enum desc_paging_style {
	PAGING_NONE,
	PAGING_PAGE,   /* numbers from `first` on */
	PAGING_OFFSET, /* of records */
	PAGING_CURSOR, /* a word for the query, from the answer */
	PAGING_URL,    /* the next address, from the answer */
	PAGING_LINK,   /* the next address, from the Link header (RFC 8288) */
};
struct desc_paging {
	enum desc_paging_style style;
	const char *param, *size_param; /* of the query */
	unsigned size, first;
	const char *next;         /* path: the cursor or the address */
	const char *pages;        /* path: how many pages there are; NULL */
	const char *total;        /* path: how many records there are; NULL */
	const char *total_header; /* the same as a header, checked where it is there; NULL */
	bool unsure;              /* of OFFSET: nobody is sure whether it counts records or pages */
};

/* Records in an answer. */
struct desc_list {
	struct desc_request request;
	const char *rows; /* path of the list */
	/* Paths of further lists in the same answer, NULL-terminated: any of them all may be
	 * left out when it is empty. NULL: there is one. */
	const char *const *more_rows;
	struct desc_paging paging;
	bool has_each; /* the list is one of ids: {item}, and this asks for each one's row */
	struct desc_request each;
};

/* Something that must be known before, such as the zone's id. */
struct desc_lookup {
	const char *unless; /* not needed when this variable has a value; NULL */
	struct desc_list list;
	struct desc_fields where; /* path of the row → what it must be; the first that is so */
	struct desc_fields take;  /* variable → path of the row */
	const char *missing;      /* what to do when there is none; NULL */
};

enum desc_name { NAME_RELATIVE, NAME_FQDN, NAME_FQDN_DOT };
enum desc_target { TARGET_NO_DOT, TARGET_DOT, TARGET_RELATIVE };
enum desc_text { TEXT_BARE, TEXT_QUOTED, TEXT_CHUNKS };

/* The two directions differ at some providers. */
struct desc_forms {
	enum desc_name name;
	const char *apex; /* how the zone's own name is spelled where it is relative */
	enum desc_target target;
	enum desc_text text;
};

/* Where a value's parts stand in a row, in the order of the presentation form. */
struct desc_shape {
	uint16_t type;      /* 0: every type without a shape of its own */
	const char *values; /* path of a list of values; NULL: the row is one value */
	size_t n;
	const char *parts[DESC_PARTS_MAX]; /* paths; "" the value itself */
};

/* Rows that are not ours to change. */
struct desc_skip {
	const char *field, *equals, *why;
};

/* Rows of a form that cannot be told from another one: then nothing is planned from the listing. */
struct desc_doubt {
	uint16_t type;
	const char *field, *why; /* a row of that type whose field is a bare number */
};

struct desc_record {
	/* Paths; NULL: there is no such thing. An id with a brace in it is a template over the
	 * row's members: "name={name}&value={value}". */
	const char *id, *type, *name, *ttl;
	const char *etag;        /* path of what changes with every change; NULL */
	struct desc_fields keep; /* variable of an update or removal → path of the row as it came */
	struct desc_forms read, write;
	size_t shape_n;
	const struct desc_shape *shapes;
	struct desc_fields types; /* what the provider calls a type → its DNS name */
	size_t skip_n;
	const struct desc_skip *skips;
	size_t doubt_n;
	const struct desc_doubt *doubts;
};

/* In seconds; 0: no limit. */
struct desc_ttl {
	uint32_t min, max;
	size_t n;
	const uint32_t *allowed; /* rising; none: all between min and max */
	bool none;               /* records have no TTL of their own */
	bool shared;             /* those of one RRset may not differ in it for a moment */
	const char *zone;        /* template: the TTL of a row that has none of its own; NULL */
	const char *inherits; /* what a row says that has none of its own, "null" for nothing, and
			       * what is written to take it from one; NULL: that cannot be had */
	/* "1" → "300": a number that means another (template); one that comes out as itself means
	 * `zone`. */
	struct desc_fields stands_for;
};

enum desc_unit { UNIT_RECORD, UNIT_RRSET, UNIT_BATCH, UNIT_ZONE };

struct desc_steps {
	size_t n;
	struct desc_request at[DESC_STEPS_MAX];
};

/* A value that cannot be had there: found out before anything is sent. Or one that can only be had
 * in some way. */
struct desc_refusal {
	uint16_t type;
	const char *variable;          /* of the value or its name */
	const char *equals, *contains; /* one of them */
	const char *why;
};

struct desc_write {
	enum desc_unit unit;
	struct desc_steps create, update, remove; /* of a record */
	struct desc_steps replace;                /* of an RRset; `create` when there was none */
	struct desc_steps batch;                  /* of all changes */
	unsigned batch_max;       /* of records: so many in one batch; 0: no limit */
	struct desc_steps commit; /* after all of them */
	struct desc_steps zone;   /* of all rows there are: one request */
	unsigned rows_max;        /* of `zone`: a zone of more is not written */
	/* Of `zone`, all NULL-terminated: members that each write makes anew in every row; paths of
	 * the listing's answer that go back with the rows. */
	const char *const *renews, *const *carried;
	size_t refusal_n;
	const struct desc_refusal *refusals;
	/* What an update does not change a record into: the new one is made, the old one removed.
	 */
	size_t anew_n;
	const struct desc_refusal *anew;
};

struct signer;
/* A signer (signer.h) and what it is given. */
struct desc_signer {
	const struct signer *kind; /* NULL: there is none */
	struct desc_fields params; /* templates */
	struct desc_request time;  /* for kind->needs_time: answers the Unix time in seconds */
};

/* The provider's own copies of a zone. */
struct desc_snapshot {
	bool given;
	struct desc_request take, restore; /* {moment}; {snapshot} */
	const char *id;                    /* path in the answer to `take` */
};

/* A job that goes on behind the answer. */
struct desc_job {
	bool given;
	const char *id, *url; /* path in the write's answer: {job}, or its whole address */
	struct desc_request poll;
	const char *status;              /* path in the poll's answer */
	struct desc_fields done, failed; /* words of it */
	int every_ms, for_ms;
};

/* A code that is made of a shared secret and the time (RFC 6238), sent after the login. */
struct desc_second_factor {
	const char *secret;          /* option: base32; without a value there is no such step */
	struct desc_request request; /* may say {totp}; its method NULL: there is none */
};

enum desc_class {
	CLASS_OK,
	CLASS_AUTH,     /* the credentials */
	CLASS_GATE,     /* the account may not use the API */
	CLASS_MISSING,  /* no such zone or record */
	CLASS_EXISTS,   /* the record is there already */
	CLASS_CONFLICT, /* it cannot stand beside another */
	CLASS_CHANGED,  /* it is not what it was when it was read: somebody was faster */
	CLASS_LIMIT,    /* too many requests: later */
	CLASS_LOCKED,   /* not to be changed now */
	CLASS_REFUSED,  /* what was sent is wrong in its eyes */
	CLASS_UNKNOWN,  /* nobody knows what became of it */
	CLASS_DENIED,   /* 403 to a mere reading: by the status alone, never by a description */
};

struct desc_error {
	int status;           /* 0: any */
	const char *field;    /* path; NULL: the whole body is looked through */
	const char *contains; /* NULL: any */
	enum desc_class class;
	const char *hint; /* NULL */
};

struct desc {
	const char *id, *title, *verified, *docs, *base_url;
	struct desc_fields endpoints; /* a value of the option "endpoint" → the base_url then */
	const char *const *hosts;     /* NULL-terminated */
	const char *const *notes;     /* NULL-terminated */
	const struct registrar_option *options;  /* ends with a NULL name */
	struct desc_fields defaults;             /* of options */
	struct desc_fields headers, query;       /* of every request: authentication, mostly */
	const char *basic_user, *basic_password; /* templates (RFC 7617); NULL */
	const struct js *body;                   /* members of every JSON body; NULL */
	bool has_login;
	struct desc_request login;
	struct desc_second_factor second_factor;
	struct desc_signer signer;
	size_t lookup_n;
	const struct desc_lookup *lookups;
	struct desc_list list;
	bool has_read;
	struct desc_list read; /* of one RRset */
	struct desc_record record;
	struct desc_ttl ttl;
	struct desc_write write;
	struct desc_job job;
	struct desc_snapshot snapshot;
	bool ok_of_writes; /* only answers to writes have that field */
	size_t warning_n;
	const struct desc_skip *warnings; /* of a listing's answer itself: shown, not refused */
	const char *ok_field, *ok_equals; /* an answer is good only when; NULL: the status tells */
	const char *error_text;           /* path of the provider's own words; NULL */
	size_t error_n;
	const struct desc_error *errors;
	unsigned requests, per_s; /* at most so many in so many seconds; 0: no limit */
	unsigned capabilities;    /* enum of registrar.h */
	struct js *tree;          /* owned: the templates of bodies are in it */
};

/* Reads and checks a description; `name` is for messages ("godaddy.json"). It is the arena's, but
 * must be released before. NULL with ERR_USAGE: what is wrong, where ("godaddy.json:
 * list.paging.style: …"). */
struct desc *desc_parse(struct arena *a, const char *name, struct slice text, struct err *e);
/* Frees what the arena does not. Takes NULL. */
void desc_release(struct desc *d);

#endif
