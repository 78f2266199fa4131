#include "telemetry/process_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "telemetry/metrics.h"

static void set_memory(struct metrics *m)
{
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return;
    char line[128];
    const char *read = fgets(line, sizeof line, file);
    fclose(file);
    if (!read)
        return;
    char *rest = NULL;
    const long virtual_pages = strtol(line, &rest, 10);
    const long resident_pages = strtol(rest, NULL, 10);
    const double page = (double)sysconf(_SC_PAGESIZE);
    metrics_set(m, METRIC_PROCESS_VIRTUAL_MEMORY, (double)virtual_pages * page);
    metrics_set(m, METRIC_PROCESS_RESIDENT_MEMORY, (double)resident_pages * page);
}

static double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void set_cpu(struct metrics *m)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        metrics_set(m, METRIC_PROCESS_CPU,
                    seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
}

static void set_descriptors(struct metrics *m)
{
    DIR *folder = opendir("/proc/self/fd");
    if (folder) {
        int entries = 0;
        while (readdir(folder))
            entries++;
        closedir(folder);
        metrics_set(m, METRIC_PROCESS_OPEN_FDS, entries - 3); /* ".", "..", itself */
    }
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        metrics_set(m, METRIC_PROCESS_MAX_FDS, (double)limit.rlim_cur);
}

/* Field 22 of /proc/self/stat: start in clock ticks after boot (proc(5)). */
static long long start_ticks(void)
{
    FILE *file = fopen("/proc/self/stat", "re");
    if (!file)
        return -1;
    char line[1024];
    const char *read = fgets(line, sizeof line, file);
    fclose(file);
    const char *p = read ? strrchr(line, ')') : NULL; /* the name may hold blanks */
    for (int field = 2; p && field < 22; field++)
        p = strchr(p + 1, ' ');
    return p ? strtoll(p, NULL, 10) : -1;
}

static void set_start(struct metrics *m, int64_t now_ms)
{
    struct timespec up;
    const long long ticks = start_ticks();
    if (ticks < 0 || clock_gettime(CLOCK_BOOTTIME, &up) != 0)
        return;
    const double since_boot = (double)ticks / (double)sysconf(_SC_CLK_TCK);
    const double uptime = (double)up.tv_sec + (double)up.tv_nsec / 1e9 - since_boot;
    metrics_set(m, METRIC_PROCESS_START_TIME, (double)now_ms / 1e3 - uptime);
    metrics_set(m, METRIC_UPTIME, uptime);
}

void process_metrics_update(struct metrics *m, int64_t now_ms)
{
    metrics_set_to(m, METRIC_BUILD_INFO, FLIGHTDASH_VERSION, 1);
    metrics_set(m, METRIC_LOG_LINES, (double)log_lines_written());
    metrics_set(m, METRIC_LOG_SUPPRESSED, (double)log_lines_suppressed());
    set_memory(m);
    set_cpu(m);
    set_descriptors(m);
    set_start(m, now_ms);
}
