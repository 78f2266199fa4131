/*
 * Recursive descent with one token of look-ahead:
 *
 *     expr    = and { "or" and }
 *     and     = unary { ["and"] unary }
 *     unary   = "not" unary | primary
 *     primary = "(" expr ")" | "unknown" FIELD | FIELD [OP value]
 *             | FIELD "in" "(" value { "," value } ")" | WORD | TEXT
 *
 * The first error is told and ends the parse: every function returns false then
 * and its callers give up.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "flight/filter_lexer.h"
#include "flight/filter_names.h"
#include "flight/filter_tree.h"
#include "flight/flight_names.h"

enum { SHOWN_MAX = 40 };

struct parser {
    struct filter_tree *tree;
    const char *text;
    struct filter_token token; /* the next one */
    struct strbuf *error;
    unsigned depth;
};

static bool parse_expr(struct parser *p, uint16_t *ret_node);

/* --- errors ------------------------------------------------------------- */

/* Characters, not bytes, count: a column is what the eye sees. */
static size_t column_of(const struct parser *p, const char *at)
{
    size_t column = 1;
    for (const char *c = p->text; c < at; c++)
        column += (*c & 0xc0) != 0x80;
    return column;
}

static bool fail_at(struct parser *p, const char *at, const char *message)
{
    strbuf_addf(p->error, "column %zu: %s", column_of(p, at), message);
    return false;
}

/* "column N: <before> 'token' <after>" */
static bool fail_token(struct parser *p, const struct filter_token *token,
                       const char *before, const char *after)
{
    int n = (int)(token->length < SHOWN_MAX ? token->length : SHOWN_MAX);
    strbuf_addf(p->error, "column %zu: %s '%.*s'%s", column_of(p, token->start), before,
                n, token->start, after);
    return false;
}

static bool fail_expected(struct parser *p, const char *what)
{
    if (p->token.kind == TOKEN_BAD)
        return fail_at(p, p->token.start, p->token.problem);
    if (p->token.kind == TOKEN_END) {
        strbuf_addf(p->error, "column %zu: expected %s", column_of(p, p->token.start),
                    what);
        return false;
    }
    strbuf_addf(p->error, "column %zu: expected %s, not '%.*s'",
                column_of(p, p->token.start), what,
                (int)(p->token.length < SHOWN_MAX ? p->token.length : SHOWN_MAX),
                p->token.start);
    return false;
}

static bool fail_unknown_field(struct parser *p, const struct filter_token *name)
{
    const char *near = filter_subject_suggest(name->start, name->length);
    char after[64] = "";
    if (near != NULL)
        snprintf(after, sizeof after, ", did you mean '%s'?", near);
    return fail_token(p, name, "no field", after);
}

/* --- tree --------------------------------------------------------------- */

static void next(struct parser *p)
{
    p->token = filter_next_token(p->token.start + p->token.length);
}

static bool add_node(struct parser *p, struct filter_node node, uint16_t *ret_node)
{
    struct filter_tree *tree = p->tree;
    if (tree->node_count + tree->value_count >= FILTER_NODES_MAX)
        return fail_at(p, p->token.start, "the filter has too many terms");
    tree->nodes[tree->node_count] = node;
    *ret_node = (uint16_t)tree->node_count++;
    return true;
}

static struct filter_value *add_value(struct parser *p)
{
    struct filter_tree *tree = p->tree;
    if (tree->node_count + tree->value_count >= FILTER_NODES_MAX) {
        fail_at(p, p->token.start, "the filter has too many terms");
        return NULL;
    }
    struct filter_value *value = &tree->values[tree->value_count++];
    *value = (struct filter_value){0};
    return value;
}

/* --- values ------------------------------------------------------------- */

/* [+-] digits [. digits], 18 digits at most. */
static bool read_number(const char *text, size_t n, struct flight_number *ret_number)
{
    struct flight_number number = {.negative = n > 0 && text[0] == '-'};
    size_t i = n > 0 && (text[0] == '-' || text[0] == '+');
    size_t digits = 0;
    bool point = false;
    for (; i < n; i++) {
        if (text[i] == '.' && !point && digits > 0) {
            point = true;
            continue;
        }
        if (text[i] < '0' || text[i] > '9' || ++digits > 18)
            return false;
        number.mantissa = number.mantissa * 10 + (uint64_t)(text[i] - '0');
        number.decimals += point;
    }
    *ret_number = number;
    return digits > 0 && text[n - 1] != '.';
}

static bool number_value(struct parser *p, unsigned subject, struct filter_value *value)
{
    char expected[64];
    if (read_number(value->text, value->length, &value->number))
        return true;
    snprintf(expected, sizeof expected, "%s wants a number, not",
             filter_subject_name(subject));
    return fail_token(p, &p->token, expected, "");
}

static bool squawk_value(struct parser *p, struct filter_value *value)
{
    int32_t squawk;
    if (!flight_squawk_value(value->text, value->length, &squawk))
        return fail_token(p, &p->token, "a squawk is up to four digits 0 to 7, not",
                          "");
    value->number = (struct flight_number){.mantissa = (uint64_t)squawk};
    return true;
}

static bool is_pattern(const struct filter_value *value)
{
    return memchr(value->text, '*', value->length) != NULL ||
           memchr(value->text, '?', value->length) != NULL;
}

static const char *word_of(unsigned subject, unsigned i)
{
    return filter_subject_kind(subject) == FILTER_MODES
               ? flight_bit_text((enum flight_field)subject, i)
               : flight_enum_text((enum flight_field)subject, (int32_t)i);
}

static bool choice_value(struct parser *p, unsigned subject, struct filter_value *value)
{
    const char *word;
    if (is_pattern(value))
        return true;
    for (unsigned i = 0; (word = word_of(subject, i)) != NULL; i++)
        if (strlen(word) == value->length &&
            strncasecmp(word, value->text, value->length) == 0)
            return true;
    strbuf_addf(p->error, "column %zu: %s is one of", column_of(p, p->token.start),
                filter_subject_name(subject));
    for (unsigned i = 0; (word = word_of(subject, i)) != NULL; i++)
        strbuf_addf(p->error, "%s %s", i > 0 ? "," : "", word);
    return false;
}

static bool check_value(struct parser *p, const struct filter_node *node,
                        struct filter_value *value)
{
    bool like = node->compare == COMPARE_LIKE;
    switch (filter_subject_kind(node->subject)) {
    case FILTER_NUMBER: return number_value(p, node->subject, value);
    case FILTER_SQUAWK: return like || squawk_value(p, value);
    case FILTER_CHOICE:
    case FILTER_MODES: return like || choice_value(p, node->subject, value);
    case FILTER_STRING:
    case FILTER_BOOLEAN: break;
    }
    return true;
}

/* One value of a comparison, checked against what the subject can be. */
static bool parse_value(struct parser *p, struct filter_node *node)
{
    /* "unknown" is a word of some fields, too. */
    if (p->token.kind != TOKEN_WORD && p->token.kind != TOKEN_TEXT &&
        p->token.kind != TOKEN_UNKNOWN)
        return fail_expected(p, "a value");
    struct filter_value *value = add_value(p);
    if (value == NULL)
        return false;
    size_t n = filter_token_text(&p->token, value->text, sizeof value->text);
    if (n > sizeof value->text)
        return fail_at(p, p->token.start, "this value is too long");
    value->length = (uint8_t)n;
    node->value_count++;
    if (!check_value(p, node, value))
        return false;
    next(p);
    return true;
}

/* --- primaries ---------------------------------------------------------- */

static bool is_operator(enum filter_token_kind kind)
{
    return kind >= TOKEN_EQ || kind == TOKEN_IN;
}

static enum filter_compare compare_of(enum filter_token_kind kind)
{
    return kind == TOKEN_IN ? COMPARE_IN
                            : (enum filter_compare)(COMPARE_EQ + (kind - TOKEN_EQ));
}

static bool check_operator(struct parser *p, const struct filter_node *node)
{
    enum filter_kind kind = filter_subject_kind(node->subject);
    bool order = node->compare >= COMPARE_LT && node->compare <= COMPARE_GE;
    if (order && kind != FILTER_NUMBER && kind != FILTER_SQUAWK)
        return fail_token(p, &p->token, "only numbers have an order; not here:", "");
    if (node->compare == COMPARE_LIKE && kind == FILTER_NUMBER)
        return fail_token(p, &p->token, "patterns are for texts; not here:", "");
    if (kind == FILTER_BOOLEAN)
        return fail_token(p, &p->token, "this field is a condition by itself; drop",
                          "");
    return true;
}

static bool parse_list(struct parser *p, struct filter_node *node)
{
    if (p->token.kind != TOKEN_OPEN)
        return fail_expected(p, "'(' and a list");
    do {
        next(p);
        if (!parse_value(p, node))
            return false;
    } while (p->token.kind == TOKEN_COMMA);
    if (p->token.kind != TOKEN_CLOSE)
        return fail_expected(p, "',' or ')'");
    next(p);
    return true;
}

/* p->token is the operator after a field. */
static bool parse_comparison(struct parser *p, unsigned subject, uint16_t *ret_node)
{
    struct filter_node node = {.kind = NODE_COMPARE,
                               .compare = compare_of(p->token.kind),
                               .subject = (uint16_t)subject,
                               .first_value = (uint16_t)p->tree->value_count};
    if (!check_operator(p, &node))
        return false;
    next(p);
    bool ok = node.compare == COMPARE_IN ? parse_list(p, &node) : parse_value(p, &node);
    return ok && add_node(p, node, ret_node);
}

static bool parse_bare(struct parser *p, uint16_t *ret_node)
{
    struct filter_node node = {.kind = NODE_WORD,
                               .subject = FLIGHT_CALLSIGN,
                               .compare = COMPARE_LIKE,
                               .first_value = (uint16_t)p->tree->value_count};
    return parse_value(p, &node) && add_node(p, node, ret_node);
}

static bool parse_word(struct parser *p, uint16_t *ret_node)
{
    struct filter_token name = p->token;
    unsigned subject = filter_subject_find(name.start, name.length);
    struct filter_token after = filter_next_token(name.start + name.length);
    if (subject == FILTER_SUBJECT_NONE && is_operator(after.kind))
        return fail_unknown_field(p, &name);
    if (subject == FILTER_SUBJECT_NONE)
        return parse_bare(p, ret_node);
    next(p);
    if (is_operator(after.kind))
        return parse_comparison(p, subject, ret_node);
    if (filter_subject_kind(subject) != FILTER_BOOLEAN)
        return fail_expected(p, "one of = != < <= > >= ~ in");
    struct filter_node node = {.kind = NODE_BOOLEAN, .subject = (uint16_t)subject};
    return add_node(p, node, ret_node);
}

static bool parse_unknown(struct parser *p, uint16_t *ret_node)
{
    next(p);
    if (p->token.kind != TOKEN_WORD)
        return fail_expected(p, "a field");
    unsigned subject = filter_subject_find(p->token.start, p->token.length);
    if (subject == FILTER_SUBJECT_NONE)
        return fail_unknown_field(p, &p->token);
    struct filter_node node = {.kind = NODE_UNKNOWN, .subject = (uint16_t)subject};
    next(p);
    return add_node(p, node, ret_node);
}

static bool parse_group(struct parser *p, uint16_t *ret_node)
{
    const char *open = p->token.start;
    next(p);
    if (!parse_expr(p, ret_node))
        return false;
    if (p->token.kind == TOKEN_END)
        return fail_at(p, open, "this '(' is never closed");
    if (p->token.kind != TOKEN_CLOSE)
        return fail_expected(p, "')'");
    next(p);
    return true;
}

static bool parse_primary(struct parser *p, uint16_t *ret_node)
{
    switch (p->token.kind) {
    case TOKEN_OPEN: return parse_group(p, ret_node);
    case TOKEN_UNKNOWN: return parse_unknown(p, ret_node);
    case TOKEN_WORD: return parse_word(p, ret_node);
    case TOKEN_TEXT: return parse_bare(p, ret_node);
    default: return fail_expected(p, "a condition");
    }
}

/* --- and, or, not ------------------------------------------------------- */

static bool parse_unary(struct parser *p, uint16_t *ret_node)
{
    if (p->token.kind != TOKEN_NOT && p->token.kind != TOKEN_OPEN)
        return parse_primary(p, ret_node);
    if (++p->depth > FILTER_DEPTH_MAX)
        return fail_at(p, p->token.start, "the filter is nested too deep");
    bool ok;
    if (p->token.kind == TOKEN_NOT) {
        struct filter_node node = {.kind = NODE_NOT};
        next(p);
        ok = parse_unary(p, &node.left) && add_node(p, node, ret_node);
    } else {
        ok = parse_primary(p, ret_node);
    }
    p->depth--;
    return ok;
}

static bool starts_condition(enum filter_token_kind kind)
{
    return kind == TOKEN_WORD || kind == TOKEN_TEXT || kind == TOKEN_NOT ||
           kind == TOKEN_UNKNOWN || kind == TOKEN_OPEN;
}

static bool parse_and(struct parser *p, uint16_t *ret_node)
{
    if (!parse_unary(p, ret_node))
        return false;
    while (p->token.kind == TOKEN_AND || starts_condition(p->token.kind)) {
        struct filter_node node = {.kind = NODE_AND, .left = *ret_node};
        if (p->token.kind == TOKEN_AND)
            next(p);
        if (!parse_unary(p, &node.right) || !add_node(p, node, ret_node))
            return false;
    }
    return true;
}

static bool parse_expr(struct parser *p, uint16_t *ret_node)
{
    if (!parse_and(p, ret_node))
        return false;
    while (p->token.kind == TOKEN_OR) {
        struct filter_node node = {.kind = NODE_OR, .left = *ret_node};
        next(p);
        if (!parse_and(p, &node.right) || !add_node(p, node, ret_node))
            return false;
    }
    return true;
}

bool filter_tree_parse(struct filter_tree *tree, const char *text,
                       struct strbuf *ret_error)
{
    struct parser p = {.tree = tree, .text = text, .error = ret_error};
    tree->node_count = 0;
    tree->value_count = 0;
    if (strlen(text) > FILTER_TEXT_MAX)
        return fail_at(&p, text, "the filter is longer than 4096 bytes");
    p.token = filter_next_token(text);
    if (p.token.kind == TOKEN_END)
        return true;
    if (!parse_expr(&p, &tree->root))
        return false;
    if (p.token.kind == TOKEN_CLOSE)
        return fail_at(&p, p.token.start, "this ')' was never opened");
    return p.token.kind == TOKEN_END || fail_expected(&p, "'and' or 'or'");
}
