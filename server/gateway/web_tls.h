/*
 * Looks at a certificate and its key before libwebsockets gets them: it would
 * go on without TLS when a file is missing, and says little when one is bad.
 */
#pragma once

struct ssl_ctx_st; /* OpenSSL's SSL_CTX */
struct strbuf;

/* 0, or -EINVAL with "FILE: why" in ret_error. */
int web_tls_check(const char *cert_file, const char *key_file,
                  struct strbuf *ret_error);

/*
 * Gives a context another certificate and key, for handshakes to come; look at them
 * with web_tls_check first. 0, or -EINVAL with "FILE: why".
 */
int web_tls_replace(struct ssl_ctx_st *ctx, const char *cert_file, const char *key_file,
                    struct strbuf *ret_error);
