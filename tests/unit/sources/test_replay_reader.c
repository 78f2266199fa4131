/* Recordings written to a temporary folder and read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

#include "base/macros.h"
#include "base/strbuf.h"
#include "sources/replay_reader.h"
#include "told.h"

#define ONE      "{\"ts\":1000,\"hex\":\"4b1814\",\"gs\":1}\n"
#define TWO      "{\"ts\":1001.5,\"hex\":\"4b1814\",\"gs\":2}\n"
#define TOLD_ONE "{\"hex\":\"4b1814\",\"now\":1000,\"gs\":1}\n"
#define TOLD_TWO "{\"hex\":\"4b1814\",\"now\":1001.5,\"gs\":2}\n"

static char folder[64];

static const char *path_of(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const void *bytes, size_t n)
{
    FILE *file = fopen(path_of(name), "we");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    fclose(file);
}

/* Everything that reading the file or folder tells, one line each. */
static const char *read_all(const char *name)
{
    static struct strbuf out;
    struct strbuf error;
    struct replay_record record;
    enum replay_next next = REPLAY_NEXT_RECORD;
    strbuf_release(&out);
    strbuf_init(&out, 100000);
    strbuf_init(&error, 1000);
    struct replay_reader *reader = replay_reader_open(path_of(name), &error);
    while (reader != NULL) {
        next = replay_reader_next(reader, &record, &error);
        if (next != REPLAY_NEXT_RECORD && next != REPLAY_NEXT_REFUSED)
            break;
        strbuf_addf(&out, "%s\n", told(record.reason, &record.obs, &record.refusals));
    }
    if (error.len > 0)
        strbuf_addf(&out, "error %s\n", strrchr(strbuf_text(&error), '/') + 1);
    replay_reader_close(reader);
    strbuf_release(&error);
    return strbuf_text(&out);
}

static const char *read_text(const char *text)
{
    write_file("text", text, strlen(text));
    return read_all("text");
}

static void forms_are_told_from_the_first_line(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {ONE TWO, TOLD_ONE TOLD_TWO},
        {"\n\n" ONE "\n" TWO, TOLD_ONE TOLD_TWO},
        {ONE "not json\n{\"flight\":\"N/A\",\"now\":1}\n" TWO,
         TOLD_ONE "refused not_json\nrefused no_hex\n" TOLD_TWO},
        {"{\"now\":1000,\"hex\":\"4b1814\",\"gs\":1},\n{\"now\":1001.5,\"hex\":"
         "\"4b1814\",\"gs\":2},",
         TOLD_ONE TOLD_TWO},
        {"{\"now\":1000,\"aircraft\":[{\"hex\":\"4b1814\",\"gs\":1}]}", TOLD_ONE},
        {"{ \"now\" : 1000.0,\n  \"aircraft\" : [\n    {\"hex\":\"4b1814\",\"gs\":1}\n "
         " ]\n}\n",
         TOLD_ONE},
        {"{\"now\":1000,\"aircraft\":[{\"hex\":\"4b1814\",\"gs\":1}]}\n"
         "{\"now\":1001.5,\"aircraft\":[{\"hex\":\"4b1814\",\"gs\":2}]}\n",
         TOLD_ONE TOLD_TWO},
        {"{\"icao\":\"4b1814\",\n\"timestamp\":1000,\"trace\":[\n[0,1,2,null,1,null,0,"
         "null,null]]}",
         "{\"hex\":\"4b1814\",\"now\":1000,\"lat\":1,\"lon\":2,\"gs\":1}\n"},
        {"\r\nMSG,8,1,1,4b1814,1,2019/12/"
         "01,13:44:56.086,,,,,,,,,,,,,,\nSTA,,5,1,4b1814\nMSG,4,1,1,4b1814,"
         "1,,,,,,,1,,,,,,,,,\nMSG,8,1,1,4b1814,1,2019/12/01,13:44:57,,,,,,,,,,,,,,\n",
         "{\"hex\":\"4b1814\",\"now\":1575207896.086}\n{\"hex\":\"4b1814\",\"now\":"
         "1575207896.086,\"gs\":1}\n"
         "{\"hex\":\"4b1814\",\"now\":1575207897}\n"},
        {"MSG,8,,,4b1814,,,,,,,,,,,,,,,,,\n", "{\"hex\":\"4b1814\",\"now\":1}\n"},
        {"{\"hex\":\"4b1814\"}\n", "refused no_time\n"},
        {"", ""},
        {"hello\nworld\n",
         "error text: not a recording; wanted: JSON lines, a readsb "
         "trace_full, aircraft.json or history_N.json, BaseStation lines\n"},
        {"{\"now\":1000,\n\"aircraft\":[{\"hex\":\"4b18",
         "error text: not a recording; wanted: JSON lines, "
         "a readsb trace_full, aircraft.json or history_N.json, BaseStation lines\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        print_message("%s\n", rows[i][0]);
        assert_string_equal(read_text(rows[i][0]), rows[i][1]);
    }
}

static void gzip_and_zstd_are_unpacked(void **state)
{
    (void)state;
    static const char text[] = ONE TWO;
    char packed[1000];
    size_t n = ZSTD_compress(packed, sizeof packed, text, strlen(text), 1);
    write_file("r.zst", packed, n);
    assert_string_equal(read_all("r.zst"), TOLD_ONE TOLD_TWO);
    write_file("cut.zst", packed, n - 5);
    assert_non_null(
        strstr(read_all("cut.zst"), "error cut.zst: the zstd data ends in the middle"));
    gzFile gz = gzopen(path_of("r.gz"), "we");
    gzwrite(gz, text, (unsigned)strlen(text));
    gzclose(gz);
    assert_string_equal(read_all("r.gz"), TOLD_ONE TOLD_TWO);
    assert_int_equal(truncate(path_of("r.gz"), 30), 0);
    assert_non_null(
        strstr(read_all("r.gz"), "error r.gz: the gzip data ends in the middle"));
}

static void a_folder_of_histories_is_read_in_order_of_time(void **state)
{
    (void)state;
    static const char one[] =
        "{\"now\":1000,\"aircraft\":[{\"hex\":\"4b1814\",\"gs\":1}]}";
    static const char two[] =
        "{\"now\":1001.5,\n\"aircraft\":[{\"hex\":\"4b1814\",\"gs\":2}]}";
    assert_int_equal(mkdir(path_of("h"), 0700), 0);
    write_file("h/history_1.json", one, strlen(one));
    write_file("h/history_0.json", two, strlen(two));
    write_file("h/receiver.json", "{\"version\":1}", 13);
    write_file("h/notes.txt", one, strlen(one));
    assert_string_equal(read_all("h"), TOLD_ONE TOLD_TWO);
}

static void what_cannot_be_opened_is_said(void **state)
{
    (void)state;
    assert_string_equal(read_all("absent"),
                        "error absent: No such file or directory\n");
    assert_int_equal(mkdir(path_of("empty"), 0700), 0);
    assert_string_equal(
        read_all("empty"),
        "error empty: no aircraft.json or history_N.json in this folder\n");
}

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/flightdash-replay-XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"text",
                                        "r.zst",
                                        "cut.zst",
                                        "r.gz",
                                        "h/history_1.json",
                                        "h/history_0.json",
                                        "h/receiver.json",
                                        "h/notes.txt"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        unlink(path_of(names[i]));
    rmdir(path_of("h"));
    rmdir(path_of("empty"));
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_are_told_from_the_first_line),
        cmocka_unit_test(gzip_and_zstd_are_unpacked),
        cmocka_unit_test(a_folder_of_histories_is_read_in_order_of_time),
        cmocka_unit_test(what_cannot_be_opened_is_said),
    };
    return cmocka_run_group_tests_name("replay_reader", tests, make_folder,
                                       remove_folder);
}
