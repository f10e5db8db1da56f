/*
 * hosts.h - a domain's rows as getHosts gives them, and the RRsets that they make. A row is kept
 * as it came, for what is not planned is sent back in the same words. Only for this folder.
 */
#ifndef REGISTRARS_NAMECHEAP_HOSTS_H
#define REGISTRARS_NAMECHEAP_HOSTS_H

#include "base/vec.h"
#include "base/xml.h"
#include "registrars/namecheap/mail.h"
#include "registrars/whole_zone.h"
#include "zone/zone.h"

/* One row. All texts are the arena's. */
struct host {
	const char *name, *type, *address; /* as they came */
	uint32_t mx_pref, ttl;
	bool inactive; /* switched off in the panel */
	bool dynamic;  /* marked for dynamic DNS */
	/* What it says as a record; rr_type 0: it makes none that we know (a redirect). */
	const char *owner; /* canonical */
	uint16_t rr_type;
	const char *rdata;   /* canonical; NULL: it could not be read, see `trouble` */
	const char *trouble; /* NULL: none */
};

struct hosts {
	const char *zone; /* canonical; borrowed */
	enum mail_setting mail;
	VEC(struct host) list;
};

/* Reads the result of getHosts (the element DomainDNSGetHostsResult). -1: ERR_REFUSED when the
 * domain is not served by Namecheap's name servers; ERR_WORLD when it is not that domain's, its
 * mail setting is unknown, or a row is not of the known shape. */
int hosts_parse(struct arena *a, const char *zone, const struct xml *result, struct hosts *hosts_r,
		struct err *e);
/* A row for one record, as the API wants it, in the arena. ERR_REFUSED for what it cannot hold. */
int host_make(struct arena *a, const char *zone, const struct rrset *set, size_t i,
	      struct host *host_r, struct err *e);

/* Whether this row is a record of that RRset. */
bool host_is_of(const struct host *h, const char *owner, uint16_t type);
/* All that is written at once, for comparing: the rows, in whatever order and spelling, and the
 * mail setting. */
void hosts_rows(struct arena *a, const struct hosts *h, struct whole_rows *rows_r);
/* "@ MX 10 mail.example.net. (TTL 1800)", for a person. */
const char *host_show(struct arena *a, const struct host *h);

/* The RRset that the rows and the mail setting make; *rrset_r NULL when there is none. Two rows may
 * differ in TTL: the lowest counts (RFC 2181 §5.2). ERR_REFUSED when a row of it cannot be read, or
 * the MX is Namecheap's secret. */
int hosts_rrset(struct arena *a, const struct hosts *h, const char *owner, uint16_t type,
		const struct rrset **rrset_r, struct err *e);
/* All of them. */
int hosts_zone(struct arena *a, const struct hosts *h, const struct zone **zone_r, struct err *e);

#endif
