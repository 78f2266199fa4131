/* A certificate made by OpenSSL, and the server that shows it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "gateway/route.h"
#include "gateway/web_server.h"
#include "gateway/web_tls.h"
#include "net/thread.h"
#include "telemetry/metrics.h"
#include "web_client.h"

enum { LARGE = 3 << 20, DAY_S = 86400 };

static char folder[] = "/tmp/flightdash-tls-XXXXXX";
static char cert_file[64];
static char key_file[64];
static char other_key_file[64];
static char text_file[64];

static void say_much(struct http_exchange *x)
{
    char *body = xmalloc(LARGE);
    memset(body, 'x', LARGE);
    exchange_reply_take(x, 200, "text/plain", body, LARGE);
}

static const struct route routes[] = {
    {.method = "GET", .path = "/large", .handle = say_much, .flags = ROUTE_PUBLIC},
};

static void write_key(const char *file, EVP_PKEY *key)
{
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    assert_int_equal(PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL), 1);
    fclose(out);
}

static void write_certificate(const char *file, EVP_PKEY *key)
{
    X509 *cert = X509_new();
    X509_set_version(cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -DAY_S);
    X509_gmtime_adj(X509_getm_notAfter(cert), DAY_S);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
                               (const unsigned char *)"localhost", -1, -1, 0);
    X509_set_issuer_name(cert, X509_get_subject_name(cert));
    X509_set_pubkey(cert, key);
    assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    assert_int_equal(PEM_write_X509(out, cert), 1);
    fclose(out);
    X509_free(cert);
}

static int make_files(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(cert_file, sizeof cert_file, "%s/cert.pem", folder);
    snprintf(key_file, sizeof key_file, "%s/key.pem", folder);
    snprintf(other_key_file, sizeof other_key_file, "%s/other.pem", folder);
    snprintf(text_file, sizeof text_file, "%s/text.pem", folder);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    EVP_PKEY *other = EVP_EC_gen("P-256");
    write_key(key_file, key);
    write_key(other_key_file, other);
    write_certificate(cert_file, key);
    EVP_PKEY_free(key);
    EVP_PKEY_free(other);
    FILE *out = fopen(text_file, "w");
    fputs("this is no certificate\n", out);
    return fclose(out);
}

static int remove_files(void **state)
{
    (void)state;
    unlink(cert_file);
    unlink(key_file);
    unlink(other_key_file);
    unlink(text_file);
    return rmdir(folder);
}

static void files_that_cannot_serve_are_named(void **state)
{
    (void)state;
    const struct {
        const char *cert;
        const char *key;
        const char *named;
        const char *why;
    } rows[] = {
        {cert_file, key_file, NULL, NULL},
        {cert_file, NULL, "", "both a certificate and its key"},
        {"/nowhere/cert.pem", key_file, "/nowhere/cert.pem", "No such file"},
        {cert_file, "/nowhere/key.pem", "/nowhere/key.pem", "No such file"},
        {text_file, key_file, text_file, "not a PEM certificate"},
        {cert_file, text_file, text_file, "not the PEM key of the certificate"},
        {cert_file, other_key_file, other_key_file, "key values mismatch"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf error;
        strbuf_init(&error, 1024);
        int rc = web_tls_check(rows[i].cert, rows[i].key, &error);
        assert_int_equal(rc == 0, rows[i].why == NULL);
        if (rows[i].why != NULL) {
            assert_non_null(strstr(strbuf_text(&error), rows[i].named));
            assert_non_null(strstr(strbuf_text(&error), rows[i].why));
        }
        strbuf_release(&error);
    }
}

static SSL *handshake(SSL_CTX *ctx, int fd)
{
    static const unsigned char offers[] = "\x02h2\x08http/1.1";
    SSL *ssl = SSL_new(ctx);
    SSL_set_alpn_protos(ssl, offers, sizeof offers - 1);
    SSL_set_fd(ssl, fd);
    assert_int_equal(SSL_connect(ssl), 1);
    return ssl;
}

/* Asks for the large reply; the bytes that came, head included. */
static size_t ask_large(SSL *ssl)
{
    static const char request[] = "GET /large HTTP/1.1\r\nHost: x\r\n"
                                  "Connection: close\r\n\r\n";
    static char buffer[65536];
    size_t total = 0;
    int n;
    assert_true(SSL_write(ssl, request, sizeof request - 1) > 0);
    while ((n = SSL_read(ssl, buffer, sizeof buffer)) > 0) {
        if (total == 0)
            assert_memory_equal(buffer, "HTTP/1.1 200 OK\r\n", 17);
        total += (size_t)n;
    }
    return total;
}

static void a_large_reply_arrives_through_tls(void **state)
{
    (void)state;
    struct loop *loop = loop_new();
    struct metrics *metrics = metrics_new();
    struct strbuf error;
    strbuf_init(&error, 1024);
    const struct web_config config = {
        .address = "127.0.0.1",
        .tls_cert = cert_file,
        .tls_key = key_file,
        .routes = routes,
        .route_count = ARRAY_LEN(routes),
        .context = {.metrics = metrics},
        .loops = &loop,
        .loop_count = 1,
    };
    struct web_server *server = web_server_new(&config, &error);
    assert_non_null(server);
    struct thread *thread = thread_start("web", NULL, NULL, NULL, loop);
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    for (int i = 0; i < 2; i++) {
        int fd = client_connect(web_server_port(server));
        SSL *ssl = handshake(ctx, fd);
        const unsigned char *chosen = NULL;
        unsigned chosen_len = 0;
        SSL_get0_alpn_selected(ssl, &chosen, &chosen_len);
        assert_int_equal(chosen_len, 8);
        assert_memory_equal(chosen, "http/1.1", 8);
        assert_true(ask_large(ssl) > LARGE);
        SSL_free(ssl);
        close(fd);
    }
    int plain = client_connect(web_server_port(server));
    client_say(plain, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    char byte = 'H';
    if (read(plain, &byte, 1) == 1)
        assert_int_not_equal(byte, 'H'); /* an alert at most, no HTTP */
    close(plain);
    SSL_CTX_free(ctx);
    thread_stop(thread);
    web_server_free(server);
    loop_free(loop);
    metrics_free(metrics);
    strbuf_release(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_that_cannot_serve_are_named),
        cmocka_unit_test(a_large_reply_arrives_through_tls),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
