#include "net/thread.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"

struct thread {
    pthread_t id;
    struct loop *loop;
    loop_fn setup;
    loop_fn teardown;
    void *data;
};

static void *run(void *data)
{
    struct thread *thread = data;
    if (thread->setup != NULL)
        thread->setup(thread->data);
    loop_run(thread->loop);
    if (thread->teardown != NULL)
        thread->teardown(thread->data);
    return NULL;
}

struct thread *thread_start(const char *name, loop_fn setup, loop_fn teardown,
                            void *data, struct loop *loop)
{
    struct thread *thread = xcalloc(1, sizeof *thread);
    *thread = (struct thread){
        .loop = loop, .setup = setup, .teardown = teardown, .data = data};
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread->id, NULL, run, thread) != 0) {
        perror("flightdash: cannot start a thread");
        abort();
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    char short_name[16];
    snprintf(short_name, sizeof short_name, "%s", name);
    pthread_setname_np(thread->id, short_name);
    return thread;
}

void thread_stop(struct thread *thread)
{
    if (thread == NULL)
        return;
    loop_stop(thread->loop);
    pthread_join(thread->id, NULL);
    free(thread);
}
