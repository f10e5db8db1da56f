/*
 * Thin over OpenSSL's EVP. What a person's file can make fail is an error in words; what
 * only a broken library can make fail ends the program, as in digest.c.
 */
#include "base/sign.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "base/arena.h"

enum { BITS_MIN = 2048 };

struct sign_key {
	EVP_PKEY *pkey; /* owned */
};

/* The only failures of these OpenSSL calls are no memory and no provider. */
static void must(int ok)
{
	if (ok != 1)
		abort();
}

static BIO *bio_of(struct slice pem)
{
	return mem_must(BIO_new_mem_buf(pem.ptr, (int)pem.len));
}

/* Without it OpenSSL would ask for a passphrase on the terminal. */
static int no_passphrase(char *to, int size, int writing, void *ctx)
{
	if (size > 0)
		to[0] = '\0';
	(void)writing;
	(void)ctx;
	return -1;
}

int sign_key_read(struct slice pem, struct sign_key **key_r, struct err *e)
{
	if (pem.len > INT32_MAX)
		return err_set(e, ERR_USAGE, "a private key of this size is none");
	BIO *bio = bio_of(pem);
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	BIO_free(bio);
	if (pkey == NULL) {
		err_set(e, ERR_USAGE, "there is no private key that can be read");
		return err_hint(e, "a PEM file is wanted, its key not encrypted: "
				   "openssl pkcs12 -in app.pfx -nodes -out app.pem makes one");
	}
	if (!EVP_PKEY_is_a(pkey, "RSA") || EVP_PKEY_get_bits(pkey) < BITS_MIN) {
		EVP_PKEY_free(pkey);
		err_set(e, ERR_USAGE, "the private key is no RSA key of %d bits or more", BITS_MIN);
		return err_hint(e, "make one: openssl req -x509 -newkey rsa:3072 …");
	}
	*key_r = mem_alloc(sizeof(**key_r));
	(*key_r)->pkey = pkey;
	return 0;
}

void sign_key_free(struct sign_key *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_free(k->pkey); /* clears the numbers */
	free(k);
}

void sign_message(const struct sign_key *k, enum sign_alg alg, struct slice message,
		  struct buf *out)
{
	EVP_PKEY_CTX *pctx = NULL; /* the context's own */
	EVP_MD_CTX *ctx = mem_must(EVP_MD_CTX_new());
	const unsigned char *bytes = (const unsigned char *)message.ptr;
	size_t len = 0;
	const EVP_MD *hash = alg == SIGN_RS512 ? EVP_sha512() : EVP_sha256();
	must(EVP_DigestSignInit(ctx, &pctx, hash, NULL, k->pkey));
	if (alg == SIGN_PS256) {
		must(EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING));
		must(EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST));
	}
	must(EVP_DigestSign(ctx, NULL, &len, bytes, message.len));
	unsigned char *to = (unsigned char *)buf_reserve(out, len);
	must(EVP_DigestSign(ctx, to, &len, bytes, message.len));
	buf_added(out, len);
	EVP_MD_CTX_free(ctx);
}

int sign_thumbprint(struct slice pem, const struct sign_key *k, unsigned char out[SHA256_LEN],
		    struct err *e)
{
	BIO *bio = bio_of(pem);
	X509 *cert = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
	unsigned len = 0;
	BIO_free(bio);
	if (cert == NULL) {
		err_set(e, ERR_USAGE, "there is no certificate that can be read");
		return err_hint(e, "a PEM file is wanted, with -----BEGIN CERTIFICATE-----");
	}
	bool is_its = k == NULL || X509_check_private_key(cert, k->pkey) == 1;
	must(X509_digest(cert, EVP_sha256(), out, &len));
	X509_free(cert);
	if (is_its)
		return 0;
	err_set(e, ERR_USAGE, "the certificate and the private key do not belong together");
	return err_hint(e, "give the certificate that was made with this key");
}

void base64url_encode(struct buf *out, struct slice s)
{
	size_t from = out->len;
	base64_encode(out, s);
	while (out->len > from && out->at[out->len - 1] == '=')
		out->at[--out->len] = '\0';
	for (size_t i = from; i < out->len; i++)
		if (out->at[i] == '+')
			out->at[i] = '-';
		else if (out->at[i] == '/')
			out->at[i] = '_';
}
