#include "flight/filter_names.h"
#include "flight/filter_tree.h"

static void print_node(const struct filter_tree *tree, uint16_t index,
                       struct strbuf *out);

/* Quoted, with the two escapes that the lexer knows. */
static void print_text(const struct filter_value *value, struct strbuf *out)
{
    strbuf_add_char(out, '"');
    for (size_t i = 0; i < value->length; i++) {
        if (value->text[i] == '"' || value->text[i] == '\\')
            strbuf_add_char(out, '\\');
        strbuf_add_char(out, value->text[i]);
    }
    strbuf_add_char(out, '"');
}

static void print_number(struct flight_number number, struct strbuf *out)
{
    for (; number.decimals > 0 && number.mantissa % 10 == 0; number.decimals--)
        number.mantissa /= 10;
    uint64_t power = flight_number_powers[number.decimals];
    if (number.negative && number.mantissa != 0)
        strbuf_add_char(out, '-');
    strbuf_add_int(out, (int64_t)(number.mantissa / power));
    if (number.decimals > 0)
        strbuf_addf(out, ".%0*llu", number.decimals,
                    (unsigned long long)(number.mantissa % power));
}

static void print_value(const struct filter_node *node,
                        const struct filter_value *value, struct strbuf *out)
{
    enum filter_kind kind = filter_subject_kind(node->subject);
    if (kind == FILTER_NUMBER)
        print_number(value->number, out);
    else if (kind == FILTER_SQUAWK && node->compare != COMPARE_LIKE)
        strbuf_addf(out, "%04u", (unsigned)value->number.mantissa);
    else
        print_text(value, out);
}

static void print_compare(const struct filter_tree *tree,
                          const struct filter_node *node, struct strbuf *out)
{
    static const char *const operators[] = {
        " = ", " != ", " < ", " <= ", " > ", " >= ", " ~ ", " in ("};
    strbuf_add_text(out, filter_subject_name(node->subject));
    strbuf_add_text(out, operators[node->compare]);
    for (size_t i = 0; i < node->value_count; i++) {
        if (i > 0)
            strbuf_add_text(out, ", ");
        print_value(node, &tree->values[node->first_value + i], out);
    }
    if (node->compare == COMPARE_IN)
        strbuf_add_char(out, ')');
}

/* A part of `parent`, in parentheses where it binds less. */
static void print_part(const struct filter_tree *tree, enum filter_node_kind parent,
                       uint16_t index, struct strbuf *out)
{
    enum filter_node_kind kind = tree->nodes[index].kind;
    bool group = (parent == NODE_AND && kind == NODE_OR) ||
                 (parent == NODE_NOT && (kind == NODE_OR || kind == NODE_AND));
    if (group)
        strbuf_add_char(out, '(');
    print_node(tree, index, out);
    if (group)
        strbuf_add_char(out, ')');
}

static void print_node(const struct filter_tree *tree, uint16_t index,
                       struct strbuf *out)
{
    const struct filter_node *node = &tree->nodes[index];
    switch (node->kind) {
    case NODE_AND:
    case NODE_OR:
        print_part(tree, node->kind, node->left, out);
        strbuf_add_text(out, node->kind == NODE_AND ? " and " : " or ");
        print_part(tree, node->kind, node->right, out);
        break;
    case NODE_NOT:
        strbuf_add_text(out, "not ");
        print_part(tree, node->kind, node->left, out);
        break;
    case NODE_COMPARE: print_compare(tree, node, out); break;
    case NODE_BOOLEAN: strbuf_add_text(out, filter_subject_name(node->subject)); break;
    case NODE_UNKNOWN:
        strbuf_addf(out, "unknown %s", filter_subject_name(node->subject));
        break;
    case NODE_WORD: print_text(&tree->values[node->first_value], out); break;
    }
}

void filter_tree_print(const struct filter_tree *tree, struct strbuf *out)
{
    if (tree->node_count > 0)
        print_node(tree, tree->root, out);
}
