#include "gateway/mailbox.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/alloc.h"

struct mailbox *mailbox_new(struct session *session)
{
    struct mailbox *mailbox = xmalloc(sizeof *mailbox);
    *mailbox = (struct mailbox){.refs = 1, .session = session};
    return mailbox;
}

struct mailbox *mailbox_ref(struct mailbox *mailbox)
{
    mailbox->refs++;
    return mailbox;
}

void mailbox_unref(struct mailbox *mailbox)
{
    if (mailbox != NULL && --mailbox->refs == 0)
        free(mailbox);
}
