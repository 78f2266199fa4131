/*
 * C11's threads on top of POSIX threads, for builds with ThreadSanitizer only:
 * it knows those but not these, and librdkafka uses these. In glibc the types
 * are the same underneath.
 */
#if defined(__SANITIZE_THREAD__)
#    define TSAN 1
#elif defined(__has_feature)
#    if __has_feature(thread_sanitizer)
#        define TSAN 1
#    endif
#endif

#ifdef TSAN

#    include <errno.h>
#    include <pthread.h>
#    include <stdint.h>
#    include <stdlib.h>
#    include <threads.h>

/* What librdkafka itself does (2.0.2 destroys a lock that another thread reads). */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
    return "race:librdkafka.so\n";
}

struct start {
    thrd_start_t run;
    void *data;
};

static void *run_start(void *data)
{
    struct start start = *(struct start *)data;
    free(data);
    return (void *)(intptr_t)start.run(start.data);
}

int thrd_create(thrd_t *thread, thrd_start_t run, void *data)
{
    struct start *start = malloc(sizeof *start);
    *start = (struct start){.run = run, .data = data};
    return pthread_create(thread, NULL, run_start, start) == 0 ? thrd_success
                                                               : thrd_error;
}

int thrd_join(thrd_t thread, int *ret_result)
{
    void *result = NULL;
    int rc = pthread_join(thread, &result);
    if (ret_result != NULL)
        *ret_result = (int)(intptr_t)result;
    return rc == 0 ? thrd_success : thrd_error;
}

int mtx_init(mtx_t *mutex, int type)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    if (type & mtx_recursive)
        pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    return pthread_mutex_init((pthread_mutex_t *)mutex, &attributes) == 0 ? thrd_success
                                                                          : thrd_error;
}

void mtx_destroy(mtx_t *mutex)
{
    pthread_mutex_destroy((pthread_mutex_t *)mutex);
}

int mtx_lock(mtx_t *mutex)
{
    return pthread_mutex_lock((pthread_mutex_t *)mutex) == 0 ? thrd_success
                                                             : thrd_error;
}

int mtx_trylock(mtx_t *mutex)
{
    int rc = pthread_mutex_trylock((pthread_mutex_t *)mutex);
    return rc == 0 ? thrd_success : rc == EBUSY ? thrd_busy : thrd_error;
}

int mtx_unlock(mtx_t *mutex)
{
    return pthread_mutex_unlock((pthread_mutex_t *)mutex) == 0 ? thrd_success
                                                               : thrd_error;
}

int cnd_init(cnd_t *condition)
{
    return pthread_cond_init((pthread_cond_t *)condition, NULL) == 0 ? thrd_success
                                                                     : thrd_error;
}

void cnd_destroy(cnd_t *condition)
{
    pthread_cond_destroy((pthread_cond_t *)condition);
}

int cnd_signal(cnd_t *condition)
{
    return pthread_cond_signal((pthread_cond_t *)condition) == 0 ? thrd_success
                                                                 : thrd_error;
}

int cnd_broadcast(cnd_t *condition)
{
    return pthread_cond_broadcast((pthread_cond_t *)condition) == 0 ? thrd_success
                                                                    : thrd_error;
}

int cnd_wait(cnd_t *condition, mtx_t *mutex)
{
    return pthread_cond_wait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex) == 0
               ? thrd_success
               : thrd_error;
}

int cnd_timedwait(cnd_t *condition, mtx_t *mutex, const struct timespec *until)
{
    int rc = pthread_cond_timedwait((pthread_cond_t *)condition,
                                    (pthread_mutex_t *)mutex, until);
    return rc == 0 ? thrd_success : rc == ETIMEDOUT ? thrd_timedout : thrd_error;
}

#else

typedef int c11_threads_are_plain; /* no empty translation unit (C17 6.9) */

#endif
