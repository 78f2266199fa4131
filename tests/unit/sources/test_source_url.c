#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "base/strbuf.h"
#include "sources/source_url.h"
#include "sources/sources.h"

static void good_urls_are_taken_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *target;
        const char *name;
        int port;
        int64_t poll_ms;
    } rows[] = {
        {"sim:", "", "sim", 0, 0},
        {"sim:?aircraft=10&rate_hz=0.5&seed=7&emergencies=2", "", "sim", 0, 0},
        {"readsb+http://h/data/aircraft.json", "http://h/data/aircraft.json", "readsb",
         0, 1000},
        {"readsb+https://h:8443/a.json?poll_s=2.5&name=Attic%20one",
         "https://h:8443/a.json", "Attic one", 0, 2500},
        {"READSB+HTTP://h/a.json?key=a%20b&poll_s=2&x", "http://h/a.json?key=a%20b&x",
         "readsb", 0, 2000},
        {"readsb+tcp://[::1]:30047", "::1", "readsb", 30047, 0},
        {"sbs+tcp://host.example:30003/?name=roof", "host.example", "roof", 30003, 0},
        {"opensky:?bbox=5.9,45.8,10.5,47.8", "", "opensky", 0, 10000},
        {"adsbv2+https://api.example/v2/mil", "https://api.example/v2/mil", "adsbv2", 0,
         5000},
        {"replay:/dev/null?speed=10&loop=1", "/dev/null", "replay", 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf error;
        strbuf_init(&error, 1000);
        struct source_url *url = sources_parse(rows[i].text, &error);
        print_message("%s %s\n", rows[i].text, strbuf_text(&error));
        assert_non_null(url);
        assert_string_equal(url->target, rows[i].target);
        assert_string_equal(url->name, rows[i].name);
        assert_int_equal(url->port, rows[i].port);
        assert_int_equal(url->poll_ms, rows[i].poll_ms);
        source_url_free(url);
        strbuf_release(&error);
    }
}

static void bad_urls_are_explained(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *problem; /* behind: source "TEXT":_ */
    } rows[] = {
        {"", "unknown kind of source"},
        {"sim", "unknown kind of source"},
        {"http://h/aircraft.json", "unknown kind of source"},
        {"beast+tcp://h:30005", "unknown kind of source"},
        {"sim:?aircrafts=3", "unknown parameter \"aircrafts\"; wanted: sim:"},
        {"sim:?poll_s=3", "unknown parameter \"poll_s\""},
        {"sim:?aircraft=0", "aircraft=0: wanted a number from 1 to 50000"},
        {"sim:?aircraft=50001", "aircraft=50001: wanted a number"},
        {"sim:?aircraft=ten", "aircraft=ten: wanted a number"},
        {"sim:?aircraft=0x10", "aircraft=0x10: wanted a number"},
        {"sim:?rate_hz=nan", "rate_hz=nan: wanted a number from 0.01 to 20"},
        {"sim:?aircraft=", "aircraft=: wanted a number"},
        {"readsb+http:/h/x", "wanted: //HOST[:PORT]/PATH"},
        {"readsb+http://", "wanted: //HOST[:PORT]/PATH"},
        {"readsb+http://:80/x", "wanted: //HOST[:PORT]/PATH"},
        {"readsb+http://h:99999/x", "wanted: //HOST[:PORT]/PATH"},
        {"readsb+http://[::1]:x/y", "wanted: //HOST[:PORT]/PATH"},
        {"sim:?seed=1&seed=2", "seed= stands there twice"},
        {"readsb+http://h/x?poll_s=0", "poll_s=0: wanted a number from 0.1 to 86400"},
        {"readsb+http://h/x?name=", "name= must have 1 to 23 characters"},
        {"readsb+http://h/x?name=abcdefghijklmnopqrstuvwxyz",
         "name= must have 1 to 23"},
        {"readsb+http://h/x?name=a%22b", "name= must be plain ASCII"},
        {"readsb+http://h/x\n", "holds a control character"},
        {"readsb+https://h/x?ca_file=/nonexistent/ca",
         "ca_file=/nonexistent/ca: No such file or directory"},
        {"opensky:?ca_file=/nonexistent/ca", "ca_file=/nonexistent/ca: No such file"},
        {"sbs+tcp://h", "wanted: //HOST:PORT"},
        {"sbs+tcp://h:0", "wanted: //HOST:PORT"},
        {"sbs+tcp://h:70000", "wanted: //HOST:PORT"},
        {"sbs+tcp://:30003", "wanted: //HOST:PORT"},
        {"sbs+tcp://::1:30003", "wanted: //HOST:PORT"},
        {"opensky://h", "nothing belongs between opensky: and ?"},
        {"opensky:?bbox=10,45,5,47", "bbox is west,south,east,north"},
        {"opensky:?bbox=1,2,3", "bbox is west,south,east,north"},
        {"opensky:?url=ftp://x", "url and auth_url begin with http"},
        {"opensky:?client_id_file=/dev/null",
         "client_id_file and client_secret_file go together"},
        {"replay:/nonexistent/file", "/nonexistent/file: No such file or directory"},
        {"replay:/dev/null?speed=0", "speed=0: wanted a number from 0.01 to 100000"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf error;
        strbuf_init(&error, 4000);
        print_message("%s\n", rows[i].text);
        assert_null(sources_parse(rows[i].text, &error));
        size_t head = strlen("source \"\": ") + strlen(rows[i].text);
        assert_true(error.len > head);
        assert_memory_equal(error.data + head, rows[i].problem,
                            strlen(rows[i].problem));
        strbuf_release(&error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_urls_are_taken_apart),
        cmocka_unit_test(bad_urls_are_explained),
    };
    return cmocka_run_group_tests_name("source_url", tests, NULL, NULL);
}
