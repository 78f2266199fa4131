/*
 * Real-shaped records for a topic that is to be read: `records COUNT` writes lines
 * of "key, tab, value" for kcat -P. 25,000 aircraft report every second of the
 * minutes before now; each report moves its aircraft.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { AIRCRAFT = 25000 };

static void write_record(size_t i, time_t first)
{
    size_t a = i % AIRCRAFT;
    size_t step = i / AIRCRAFT;
    size_t move = (a * 7919 + step * 13) % 100000;
    printf(
        "%06zx\t{\"hex\":\"%06zx\",\"type\":\"adsb_icao\",\"flight\":\"SWR%zu\","
        "\"r\":\"HB-%04zu\",\"t\":\"A320\",\"alt_baro\":%zu,\"gs\":%zu.%zu,"
        "\"track\":%zu.%zu,\"baro_rate\":%zu,\"squawk\":\"%04zo\",\"category\":\"A3\","
        "\"lat\":%zu.%05zu,\"lon\":-%zu.%05zu,\"nic\":8,\"rc\":186,\"seen_pos\":0.1,"
        "\"rssi\":-21.4,\"now\":%lld.%zu,\"src\":\"b\"}"
        "\n",
        0x400000 + a, 0x400000 + a, a % 9999, a % 10000, 30000 + (a + step) % 9000,
        400 + a % 99, step % 10, a % 360, step % 10, (step + a) % 64 * 64, a % 4096,
        a % 80, move, a % 170, move, (long long)first + (long long)step, i % 10);
}

int main(int argc, char **argv)
{
    size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
    time_t first = time(NULL) - (time_t)(count / AIRCRAFT) - 1;
    for (size_t i = 0; i < count; i++)
        write_record(i, first);
    return fflush(stdout) == 0 ? 0 : 1;
}
