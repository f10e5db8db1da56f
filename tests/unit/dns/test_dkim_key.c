#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "dns/dkim_key.h"

#define RSA_512                                                                                    \
	"MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALxS9gWKB7xt9RDVcDx7CzGisS3pXlfRdRe59mS/"                 \
	"wpHewpD2Ib7jhF1V1/tQnhG86Om1DsD4bLNCiFuDxkMfqicCAwEAAQ=="
#define RSA_1024                                                                                   \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC2Of8ak+9ayw9+qPBwsvqS2q1i1uBs5I41ELg5sM5+"         \
	"NhFNEPFRkMNuqaF6zvgO8wNOaY6QGM6+YlaWc3aV7XO+iIDoioCVj8MKopIViktFz+o48h31ybg31IBpGcaZJV"   \
	"b5cCgXptQOytdcL0r5sycvbNJqO6dffnfJj0s7IMFGcQIDAQAB"
#define RSA_2048                                                                                   \
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA1HgBppyVMQCYp20I+"                            \
	"entZPYWz3NONy80X25T28CWP8BG5w1LPdgCOoGCq1AKxN9SaJp2hmwG2pC9c+fCqZcwUpffN2tAPZPQJGi3bxM+"  \
	"fbfgcGmHHLIk3tu16taeJN/29P43iznuYQDtScIsQYIN7iIsFSg1kyMrgWKqDFBtcvA4tT6WUDe0NJnH+"        \
	"2AosTU3WDZvtjKGOPD6DwHAPnG9AFOvsxxv4IOvO00r9XE59nMigx6lnk8q8C0Xi0QQj4LUlYP0bSjLqI5TVGdek" \
	"f"                                                                                        \
	"Rqx4qhYbGNHC4rcxZpEURM57m22k93wpiHan3pc3fm+9B+PJmoOtLYJ+VhYJLkJ2Dr4wIDAQAB"
/* RSAPublicKey without the algorithm round it, as RFC 6376 §3.6.1 first had it. */
#define RSA_768_BARE                                                                               \
	"MGgCYQCyjYC34FvQSNMjiCInKuEfArDDMhl46jcuJABeVKX+PeOgablFl8vWivY729r52DVIRbbPK/"           \
	"erLmG5DUiynddVusP5CiFPlQPP+kWLSYbCnlEfqM2tqCKWonbyD2+SkU8CAwEAAQ=="
#define ED25519 "vZbkcV8O4c4UHS7U0zeOwe/XnK4yWcsAhqKcDS3qJeQ="

static struct dkim_key parse(const char *text)
{
	struct dkim_key key;
	dkim_key_parse(slice_str(text), &key);
	return key;
}

static void keys_have_their_length(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		unsigned bits;
		enum dkim_type type;
	} keys[] = {
		{ "v=DKIM1; k=rsa; p=" RSA_512, 512, DKIM_RSA },
		{ "v=DKIM1;p=" RSA_1024 ";", 1024, DKIM_RSA },
		{ "p=" RSA_2048 "; n=no version is needed; k=RSA", 2048, DKIM_RSA },
		{ "v=DKIM1; p=" RSA_768_BARE, 768, DKIM_RSA },
		{ "v=DKIM1; p=" ED25519 "; k=ed25519; t=s", 256, DKIM_ED25519 },
		{ "v=DKIM1; s=tlsrpt:email; h=sha256; p=" RSA_1024, 1024, DKIM_RSA },
	};
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct dkim_key key = parse(keys[i].text);
		if (key.state != DKIM_USABLE)
			fail_msg("key %zu: %s", i, key.why);
		assert_int_equal(key.bits, keys[i].bits);
		assert_int_equal(key.type, keys[i].type);
		assert_false(key.testing);
	}
	assert_true(parse("v=DKIM1; t=s:y; p=" RSA_1024).testing);
}

static void base64_may_be_folded_and_bare(void **state)
{
	(void)state;
	assert_int_equal(parse("v=DKIM1; k=ed25519; p=vZbkcV8O4c4UHS7U0zeOwe /XnK4yWcsA\t"
			       "hqKcDS3qJeQ")
				 .state,
			 DKIM_USABLE);
}

static void an_empty_key_is_revoked(void **state)
{
	(void)state;
	assert_int_equal(parse("v=DKIM1; p=").state, DKIM_REVOKED);
	assert_int_equal(parse("v=DKIM1; k=whatever; p= ;").state, DKIM_REVOKED);
}

static void broken_keys_say_why(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"v=DKIM1; k=rsa",
		"v=spf1 -all",
		"v=DKIM2; p=" RSA_1024,
		"p=" RSA_1024 "; v=DKIM1",
		"v=DKIM1; p=***",
		"v=DKIM1; p=AAAA",
		"v=DKIM1; p=" ED25519,
		"v=DKIM1; k=ed25519; p=" RSA_1024,
		"v=DKIM1; k=dsa; p=" RSA_1024,
		"v=DKIM1; s=other; p=" RSA_1024,
		"v=DKIM1; p=" RSA_1024 "; p=" RSA_1024,
		"v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQ", /* cut by a panel at 255 */
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct dkim_key key = parse(bad[i]);
		if (key.state != DKIM_BROKEN || strlen(key.why) < 5)
			fail_msg("\"%s\" is taken for a key", bad[i]);
	}
}

/* Every cut of a good DER, and lengths that point outside of it. */
static void der_is_never_read_past_its_end(void **state)
{
	(void)state;
	static const char good[] = { 0x30,       0x08, 0x02, 0x03, 0x00,
				     (char)0x80, 0x01, 0x02, 0x01, 0x03 };
	assert_int_equal(dkim_rsa_bits((struct slice){ good, sizeof(good) }), 16);
	for (size_t n = 0; n < sizeof(good); n++) {
		char *cut = mem_alloc(n > 0 ? n : 1);
		memcpy(cut, good, n);
		assert_int_equal(dkim_rsa_bits((struct slice){ cut, n }), 0);
		free(cut);
	}
	static const char *const bad[] = { "\x30\x84\xff\xff\xff\xff", "\x30\x82\xff", "\x30\x80",
					   "\x30\x06\x02\x01\x00\x02\x01\x03" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(dkim_rsa_bits(slice_str(bad[i])), 0);
	assert_int_equal(dkim_rsa_bits((struct slice){ "\x30\x06\x02\x01\x00\x02\x01\x03", 8 }), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_have_their_length),
		cmocka_unit_test(base64_may_be_folded_and_bare),
		cmocka_unit_test(an_empty_key_is_revoked),
		cmocka_unit_test(broken_keys_say_why),
		cmocka_unit_test(der_is_never_read_past_its_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
