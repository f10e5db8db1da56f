/*
 * Signatures are judged by OpenSSL's own verification with the public key, as the other side
 * does it; the key and its certificate are made anew in each run.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

#include "base/sign.h"

static const struct slice message = { "header.claims", 13 };

/* What PEM_write wrote, as a buffer. */
static void take_bio(BIO *bio, struct buf *out)
{
	char *at = NULL;
	long len = BIO_get_mem_data(bio, &at);
	buf_add(out, at, (size_t)len);
	BIO_free(bio);
}

static void add_certificate(EVP_PKEY *pkey, struct buf *out)
{
	X509 *cert = X509_new();
	BIO *bio = BIO_new(BIO_s_mem());
	(void)ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	(void)X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	(void)X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_set_pubkey(cert, pkey);
	X509_sign(cert, pkey, EVP_sha256());
	PEM_write_bio_X509(bio, cert);
	X509_free(cert);
	take_bio(bio, out);
}

static void add_key(EVP_PKEY *pkey, struct buf *out)
{
	BIO *bio = BIO_new(BIO_s_mem());
	PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL);
	take_bio(bio, out);
}

static bool verifies(EVP_PKEY *pkey, enum sign_alg alg, struct slice text, struct slice signature)
{
	EVP_PKEY_CTX *pctx = NULL;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_DigestVerifyInit(ctx, &pctx, alg == SIGN_RS512 ? EVP_sha512() : EVP_sha256(), NULL,
			     pkey);
	if (alg == SIGN_PS256) {
		EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING);
		EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, 32);
	}
	int ok = EVP_DigestVerify(ctx, (const unsigned char *)signature.ptr, signature.len,
				  (const unsigned char *)text.ptr, text.len);
	EVP_MD_CTX_free(ctx);
	return ok == 1;
}

/* One key for all tests: making it takes a while. */
struct material {
	EVP_PKEY *pkey;
	struct buf pem; /* the certificate, then the key: as one file holds both */
};

static int make(void **state)
{
	static struct material m;
	m.pkey = EVP_RSA_gen(2048);
	buf_init(&m.pem);
	add_certificate(m.pkey, &m.pem);
	add_key(m.pkey, &m.pem);
	*state = &m;
	return 0;
}

static int drop(void **state)
{
	struct material *m = *state;
	EVP_PKEY_free(m->pkey);
	buf_release(&m->pem);
	return 0;
}

static void test_each_algorithm(void **state)
{
	struct material *m = *state;
	struct sign_key *key = NULL;
	struct err e = { 0 };
	struct buf out;
	assert_int_equal(sign_key_read(buf_slice(&m->pem), &key, &e), 0);
	for (enum sign_alg alg = SIGN_RS256; alg <= SIGN_RS512; alg++) {
		enum sign_alg other = alg == SIGN_RS512 ? SIGN_RS256 : alg + 1;
		buf_init(&out);
		sign_message(key, alg, message, &out);
		assert_int_equal(out.len, 256);
		assert_true(verifies(m->pkey, alg, message, buf_slice(&out)));
		assert_false(verifies(m->pkey, other, message, buf_slice(&out)));
		assert_false(verifies(m->pkey, alg, SLICE_LIT("header.claimz"), buf_slice(&out)));
		buf_release(&out);
	}
	sign_key_free(key);
}

static void test_thumbprint(void **state)
{
	struct material *m = *state;
	struct sign_key *key = NULL;
	struct err e = { 0 };
	unsigned char print[SHA256_LEN];
	unsigned char wanted[SHA256_LEN];
	unsigned len = 0;
	assert_int_equal(sign_key_read(buf_slice(&m->pem), &key, &e), 0);
	assert_int_equal(sign_thumbprint(buf_slice(&m->pem), key, print, &e), 0);
	BIO *bio = BIO_new_mem_buf(m->pem.at, (int)m->pem.len);
	X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	X509_digest(cert, EVP_sha256(), wanted, &len);
	assert_memory_equal(print, wanted, SHA256_LEN);
	X509_free(cert);
	BIO_free(bio);
	sign_key_free(key);
}

static void expect_no_key(struct slice pem, const char *text)
{
	struct sign_key *key = NULL;
	struct err e = { 0 };
	assert_int_equal(sign_key_read(pem, &key, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	assert_non_null(strstr(e.text, text));
	assert_true(e.hint[0] != '\0');
}

static void test_what_is_no_key(void **state)
{
	struct material *m = *state;
	struct buf pem;
	EVP_PKEY *small = EVP_RSA_gen(1024);
	EVP_PKEY *ec = EVP_EC_gen("P-256");
	BIO *bio = BIO_new(BIO_s_mem());
	buf_init(&pem);
	expect_no_key(SLICE_LIT(""), "no private key that can be read");
	expect_no_key(SLICE_LIT("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
		      "no private key that can be read");
	add_key(small, &pem);
	expect_no_key(buf_slice(&pem), "2048 bits");
	buf_clear(&pem);
	add_key(ec, &pem);
	expect_no_key(buf_slice(&pem), "no RSA key");
	buf_clear(&pem);
	/* Encrypted: must fail, not ask. */
	PEM_write_bio_PKCS8PrivateKey(bio, m->pkey, EVP_aes_128_cbc(), "word", 4, NULL, NULL);
	take_bio(bio, &pem);
	expect_no_key(buf_slice(&pem), "no private key that can be read");
	buf_release(&pem);
	EVP_PKEY_free(small);
	EVP_PKEY_free(ec);
}

static void test_a_foreign_certificate(void **state)
{
	struct material *m = *state;
	struct sign_key *key = NULL;
	struct err e = { 0 };
	unsigned char print[SHA256_LEN];
	EVP_PKEY *other = EVP_RSA_gen(2048);
	struct buf pem;
	buf_init(&pem);
	add_certificate(other, &pem);
	assert_int_equal(sign_key_read(buf_slice(&m->pem), &key, &e), 0);
	assert_int_equal(sign_thumbprint(buf_slice(&pem), key, print, &e), -1);
	assert_non_null(strstr(e.text, "do not belong together"));
	assert_int_equal(sign_thumbprint(buf_slice(&pem), NULL, print, &e), 0);
	assert_int_equal(sign_thumbprint(SLICE_LIT("x"), NULL, print, &e), -1);
	assert_non_null(strstr(e.text, "no certificate"));
	sign_key_free(key);
	buf_release(&pem);
	EVP_PKEY_free(other);
}

static void test_base64url(void **state)
{
	struct buf out;
	(void)state;
	buf_init(&out);
	buf_adds(&out, "a+/=");
	base64url_encode(&out, (struct slice){ "\xfb\xff\xfe\x01", 4 });
	assert_string_equal(out.at, "a+/=-__-AQ"); /* what stood there is left alone */
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_algorithm), cmocka_unit_test(test_thumbprint),
		cmocka_unit_test(test_what_is_no_key), cmocka_unit_test(test_a_foreign_certificate),
		cmocka_unit_test(test_base64url),
	};
	return cmocka_run_group_tests(tests, make, drop);
}
