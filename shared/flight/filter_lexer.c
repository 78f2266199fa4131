#include "flight/filter_lexer.h"

#include <string.h>
#include <strings.h>

#include "base/macros.h"

/* Letters, digits, what registrations, globs and numbers need, and all UTF-8. */
static bool is_word_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c & 0x80) != 0 || (c != '\0' && strchr("*?-+._/:@#", c) != NULL);
}

static struct filter_token make(enum filter_token_kind kind, const char *start,
                                size_t length)
{
    return (struct filter_token){.kind = kind, .start = start, .length = length};
}

static struct filter_token bad(const char *start, const char *problem)
{
    return (struct filter_token){
        .kind = TOKEN_BAD, .start = start, .length = 1, .problem = problem};
}

static struct filter_token quoted(const char *start)
{
    const char *at = start + 1;
    while (*at != *start) {
        if (*at == '\\' && at[1] != '\0')
            at++;
        if ((unsigned char)*at < ' ')
            return bad(start, *at == '\0' ? "this quote is never closed"
                                          : "a text may not hold control characters");
        at++;
    }
    return make(TOKEN_TEXT, start, (size_t)(at - start) + 1);
}

static struct filter_token word(const char *start)
{
    static const struct {
        const char *word;
        enum filter_token_kind kind;
    } keywords[] = {{"and", TOKEN_AND},
                    {"or", TOKEN_OR},
                    {"not", TOKEN_NOT},
                    {"in", TOKEN_IN},
                    {"unknown", TOKEN_UNKNOWN}};
    size_t n = 0;
    while (is_word_char(start[n]))
        n++;
    for (size_t i = 0; i < ARRAY_LEN(keywords); i++)
        if (strlen(keywords[i].word) == n &&
            strncasecmp(keywords[i].word, start, n) == 0)
            return make(keywords[i].kind, start, n);
    return make(TOKEN_WORD, start, n);
}

struct filter_token filter_next_token(const char *at)
{
    while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')
        at++;
    switch (*at) {
    case '\0': return make(TOKEN_END, at, 0);
    case '(': return make(TOKEN_OPEN, at, 1);
    case ')': return make(TOKEN_CLOSE, at, 1);
    case ',': return make(TOKEN_COMMA, at, 1);
    case '=': return make(TOKEN_EQ, at, 1);
    case '~': return make(TOKEN_LIKE, at, 1);
    case '<': return at[1] == '=' ? make(TOKEN_LE, at, 2) : make(TOKEN_LT, at, 1);
    case '>': return at[1] == '=' ? make(TOKEN_GE, at, 2) : make(TOKEN_GT, at, 1);
    case '!':
        return at[1] == '=' ? make(TOKEN_NE, at, 2)
                            : bad(at, "'!' is not an operator; say 'not' or '!='");
    case '"':
    case '\'': return quoted(at);
    default: break;
    }
    return is_word_char(*at) ? word(at) : bad(at, "this character means nothing here");
}

size_t filter_token_text(const struct filter_token *token, char *ret_text, size_t size)
{
    size_t quote = token->kind == TOKEN_TEXT;
    const char *end = token->start + token->length - quote;
    size_t n = 0;
    for (const char *at = token->start + quote; at < end; at++) {
        if (quote && *at == '\\')
            at++;
        if (n < size)
            ret_text[n] = *at;
        n++;
    }
    return n;
}
