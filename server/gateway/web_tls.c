#include "gateway/web_tls.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/strbuf.h"

static int refuse(struct strbuf *ret_error, const char *file, const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    strbuf_addf(ret_error, "%s: %s%s%s", file, what, reason != NULL ? ": " : "",
                reason != NULL ? reason : "");
    ERR_clear_error();
    return -EINVAL;
}

static int use_files(SSL_CTX *ctx, const char *cert_file, const char *key_file,
                     struct strbuf *ret_error)
{
    if (SSL_CTX_use_certificate_chain_file(ctx, cert_file) != 1)
        return refuse(ret_error, cert_file, "not a PEM certificate");
    if (SSL_CTX_use_PrivateKey_file(ctx, key_file, SSL_FILETYPE_PEM) != 1)
        return refuse(ret_error, key_file, "not the PEM key of the certificate");
    return 0;
}

int web_tls_check(const char *cert_file, const char *key_file, struct strbuf *ret_error)
{
    const char *files[] = {cert_file, key_file};
    for (int i = 0; i < 2; i++) {
        if (files[i] == NULL || files[i][0] == '\0') {
            strbuf_add_text(ret_error, "TLS needs both a certificate and its key");
            return -EINVAL;
        }
        if (access(files[i], R_OK) != 0) {
            strbuf_addf(ret_error, "%s: %s", files[i], strerror(errno));
            return -EINVAL;
        }
    }
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    if (ctx == NULL)
        return refuse(ret_error, cert_file, "TLS cannot start");
    int rc = use_files(ctx, cert_file, key_file, ret_error);
    SSL_CTX_free(ctx);
    return rc;
}

int web_tls_replace(struct ssl_ctx_st *ctx, const char *cert_file, const char *key_file,
                    struct strbuf *ret_error)
{
    return use_files(ctx, cert_file, key_file, ret_error);
}
