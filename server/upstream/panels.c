#include "upstream/panels.h"

#include "base/macros.h"
#include "base/strbuf.h"

static const struct panel panels[] = {
#define PANEL(name, title, unit, query) {name, title, unit, query},
#include "upstream/panels.def"
#undef PANEL
};

const struct panel *panel_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(panels); i++)
        if (strcmp(panels[i].name, name) == 0)
            return &panels[i];
    return NULL;
}

size_t panels_write(size_t limit, struct strbuf *out)
{
    strbuf_add_char(out, '[');
    for (size_t i = 0; i < ARRAY_LEN(panels) && i < limit; i++) {
        const struct panel *panel = &panels[i];
        strbuf_addf(out,
                    "%s{\"name\":\"%s\",\"title\":\"%s\",\"unit\":\"%s\",\"query\":",
                    i > 0 ? "," : "", panel->name, panel->title, panel->unit);
        strbuf_add_json(out, panel->query, strlen(panel->query));
        strbuf_add_char(out, '}');
    }
    strbuf_add_char(out, ']');
    return ARRAY_LEN(panels);
}
