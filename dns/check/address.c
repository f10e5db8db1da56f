/*
 * The registries are kept as IANA prints them; of its lines only those that are not globally
 * reachable, and multicast, which is no host at all.
 */
#include "dns/check/address.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/buf.h"

enum { TEXT_MAX = 64 };

struct ip {
	size_t len; /* 4 or 16; 0: none */
	uint8_t at[16];
};

static const struct special {
	const char *network, *what;
} specials[] = {
	{ "0.0.0.0/8", "an address of \"this network\"" },
	{ "10.0.0.0/8", "a private address" },
	{ "100.64.0.0/10", "an address shared behind a provider's NAT" },
	{ "127.0.0.0/8", "a loopback address" },
	{ "169.254.0.0/16", "a link-local address" },
	{ "172.16.0.0/12", "a private address" },
	{ "192.0.2.0/24", "an address for documentation" },
	{ "192.168.0.0/16", "a private address" },
	{ "198.18.0.0/15", "an address for benchmarks" },
	{ "198.51.100.0/24", "an address for documentation" },
	{ "203.0.113.0/24", "an address for documentation" },
	{ "224.0.0.0/4", "a multicast address" },
	{ "240.0.0.0/4", "a reserved address" },
	{ "::/128", "the unspecified address" },
	{ "::1/128", "a loopback address" },
	{ "::ffff:0.0.0.0/96", "an IPv4-mapped address" },
	{ "64:ff9b:1::/48", "an address for local translation" },
	{ "100::/64", "an address that discards" },
	{ "2001:2::/48", "an address for benchmarks" },
	{ "2001:db8::/32", "an address for documentation" },
	{ "3fff::/20", "an address for documentation" },
	{ "5f00::/16", "an address for segment routing" },
	{ "fc00::/7", "a private address" },
	{ "fe80::/10", "a link-local address" },
	{ "ff00::/8", "a multicast address" },
};

static struct ip parse(struct slice text)
{
	struct ip ip = { 0 };
	char copy[TEXT_MAX];
	if (text.len == 0 || text.len >= sizeof(copy))
		return ip;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	if (inet_pton(AF_INET, copy, ip.at) == 1)
		ip.len = 4;
	else if (inet_pton(AF_INET6, copy, ip.at) == 1)
		ip.len = 16;
	return ip;
}

bool address_is_literal(const char *text)
{
	struct slice s = slice_str(text);
	if (s.len > 0 && s.ptr[s.len - 1] == '.')
		s.len--;
	if (s.len > 2 && s.ptr[0] == '[' && s.ptr[s.len - 1] == ']')
		s = (struct slice){ s.ptr + 1, s.len - 2 };
	return parse(s).len > 0;
}

static bool same_bits(const uint8_t *a, const uint8_t *b, size_t bits)
{
	size_t whole = bits / 8;
	unsigned mask = 0xffU << (8 - bits % 8) & 0xffU;
	return memcmp(a, b, whole) == 0 && (bits % 8 == 0 || ((a[whole] ^ b[whole]) & mask) == 0);
}

bool address_is_in(const char *address, const char *network)
{
	struct slice rest = slice_str(network);
	struct ip net = parse(slice_until(&rest, '/'));
	struct ip ip = parse(slice_str(address));
	uint64_t bits = 8 * net.len;
	if (rest.len > 0 && !slice_to_u64(rest, &bits))
		return false;
	return net.len > 0 && net.len == ip.len && bits <= 8 * net.len &&
	       same_bits(net.at, ip.at, (size_t)bits);
}

const char *address_special(const char *address)
{
	for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++) {
		if (address_is_in(address, specials[i].network))
			return specials[i].what;
	}
	return NULL;
}

const char *address_reverse(struct arena *a, const char *address)
{
	struct ip ip = parse(slice_str(address));
	struct buf b;
	if (ip.len == 0)
		return NULL;
	buf_init(&b);
	for (size_t i = ip.len; i-- > 0;) {
		unsigned octet = ip.at[i];
		if (ip.len == 4)
			buf_addf(&b, "%u.", octet);
		else
			buf_addf(&b, "%x.%x.", octet & 0xf, octet >> 4);
	}
	buf_adds(&b, ip.len == 4 ? "in-addr.arpa." : "ip6.arpa.");
	const char *name = arena_slice(a, buf_slice(&b));
	buf_release(&b);
	return name;
}
