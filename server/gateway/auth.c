#include "gateway/auth.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/strbuf.h"

enum { LINE_SIZE = AUTH_TOKEN_MAX + 64 };

struct token_set {
    size_t count;
    char *tokens[AUTH_TOKENS_MAX];
};

struct auth {
    char *file;
    pthread_rwlock_t lock; /* guards set */
    struct token_set *set;
};

static void free_set(struct token_set *set)
{
    if (set == NULL)
        return;
    for (size_t i = 0; i < set->count; i++) {
        explicit_bzero(set->tokens[i], strlen(set->tokens[i]));
        free(set->tokens[i]);
    }
    free(set);
}

/* NULL when the line is fine, else what is wrong with it. */
static const char *take_line(struct token_set *set, char *line)
{
    char *token = line + strspn(line, " \t");
    token[strcspn(token, " \t\r\n")] = '\0';
    if (*token == '\0' || *token == '#')
        return NULL;
    size_t n = strlen(token);
    if (n < AUTH_TOKEN_MIN)
        return "a token has at least 16 characters";
    if (n > AUTH_TOKEN_MAX)
        return "a token has at most 512 characters";
    if (set->count == AUTH_TOKENS_MAX)
        return "at most 256 tokens";
    for (const char *c = token; *c != '\0'; c++)
        if (*c <= ' ' || *c >= 0x7f)
            return "a token is printable ASCII";
    set->tokens[set->count++] = xstrdup(token);
    return NULL;
}

static int read_lines(FILE *in, const char *file, struct token_set *set,
                      struct strbuf *ret_error)
{
    char line[LINE_SIZE];
    const char *problem = NULL;
    unsigned number = 0;
    while (problem == NULL && fgets(line, sizeof line, in) != NULL) {
        number++;
        if (strchr(line, '\n') == NULL && !feof(in))
            problem = "the line is too long";
        else
            problem = take_line(set, line);
    }
    explicit_bzero(line, sizeof line);
    if (problem == NULL && set->count == 0)
        problem = "there is no token in it";
    if (problem == NULL)
        return 0;
    strbuf_addf(ret_error, "%s:%u: %s", file, number, problem);
    return -EINVAL;
}

static int read_file(const char *file, struct token_set *set, struct strbuf *ret_error)
{
    FILE *in = fopen(file, "re");
    struct stat info;
    if (in == NULL || fstat(fileno(in), &info) != 0) {
        int error = errno;
        strbuf_addf(ret_error, "%s: %s", file, strerror(error));
        if (in != NULL)
            fclose(in);
        return -error;
    }
    int rc = -EACCES;
    if (info.st_mode & S_IROTH)
        strbuf_addf(ret_error, "%s: everybody may read it: chmod o-r", file);
    else
        rc = read_lines(in, file, set, ret_error);
    fclose(in);
    return rc;
}

struct auth *auth_new(const char *file, struct strbuf *ret_error)
{
    struct auth *auth = xcalloc(1, sizeof *auth);
    auth->file = xstrdup(file);
    pthread_rwlock_init(&auth->lock, NULL);
    if (auth_reload(auth, ret_error) == 0)
        return auth;
    auth_free(auth);
    return NULL;
}

void auth_free(struct auth *auth)
{
    if (auth == NULL)
        return;
    free_set(auth->set);
    pthread_rwlock_destroy(&auth->lock);
    free(auth->file);
    free(auth);
}

int auth_reload(struct auth *auth, struct strbuf *ret_error)
{
    struct token_set *set = xcalloc(1, sizeof *set);
    int rc = read_file(auth->file, set, ret_error);
    if (rc != 0) {
        free_set(set);
        return rc;
    }
    pthread_rwlock_wrlock(&auth->lock);
    struct token_set *old = auth->set;
    auth->set = set;
    pthread_rwlock_unlock(&auth->lock);
    free_set(old);
    return 0;
}

/* Takes the same time wherever the first difference is. */
static bool equal(const char *token, const char *given, size_t n)
{
    size_t len = strlen(token);
    unsigned char difference = len == n ? 0 : 1;
    for (size_t i = 0; i < len; i++)
        difference |= (unsigned char)(token[i] ^ given[n > 0 ? i % n : 0]);
    return difference == 0;
}

bool auth_check(struct auth *auth, const char *token, size_t n)
{
    if (n == 0 || n > AUTH_TOKEN_MAX)
        return false;
    bool found = false;
    pthread_rwlock_rdlock(&auth->lock);
    for (size_t i = 0; i < auth->set->count; i++)
        found |= equal(auth->set->tokens[i], token, n);
    pthread_rwlock_unlock(&auth->lock);
    return found;
}

bool auth_check_header(struct auth *auth, const char *header)
{
    static const char scheme[] = "Bearer ";
    if (header == NULL || strncasecmp(header, scheme, sizeof scheme - 1) != 0)
        return false;
    const char *token = header + sizeof scheme - 1;
    token += strspn(token, " ");
    return auth_check(auth, token, strlen(token));
}
