/* Frames and their times go into a file and come out again, also of half a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/record.h"

enum { FRAMES = 500 };

static void write_recording(const char *path)
{
    struct record *r = record_open(path);
    assert_non_null(r);
    for (int i = 0; i < FRAMES; i++) {
        char frame[64];
        int n = snprintf(frame, sizeof frame, "{\"type\":\"tick\",\"tick\":%d}", i);
        assert_int_equal(record_add(r, 7000 + i * 100, frame, (size_t)n), 0);
    }
    record_close(r);
}

static int count_frames(const char *path)
{
    struct replay *r = replay_open(path);
    const char *frame;
    size_t len;
    int64_t ms;
    int n = 0;
    assert_non_null(r);
    while (replay_next(r, &ms, &frame, &len)) {
        char expected[64];
        snprintf(expected, sizeof expected, "{\"type\":\"tick\",\"tick\":%d}", n);
        assert_string_equal(frame, expected);
        assert_int_equal(len, strlen(expected));
        assert_int_equal(ms, n * 100);
        n++;
    }
    replay_close(r);
    return n;
}

static void what_goes_in_comes_out(void **state)
{
    (void)state;
    char path[] = "/tmp/test_record_XXXXXX";
    close(mkstemp(path));
    write_recording(path);
    assert_int_equal(count_frames(path), FRAMES);
    unlink(path);
}

static void half_a_file_gives_its_beginning(void **state)
{
    (void)state;
    char path[] = "/tmp/test_record_XXXXXX";
    close(mkstemp(path));
    write_recording(path);
    FILE *f = fopen(path, "rb");
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    fclose(f);
    assert_int_equal(truncate(path, size / 2), 0);
    assert_in_range(count_frames(path), 1, FRAMES - 1);
    unlink(path);
}

static void other_files_give_nothing(void **state)
{
    (void)state;
    char path[] = "/tmp/test_record_XXXXXX";
    int fd = mkstemp(path);
    assert_int_equal(write(fd, "12 {}\nnot zstd\n", 15), 15);
    close(fd);
    assert_int_equal(count_frames(path), 0);
    unlink(path);
    assert_null(replay_open("/nonexistent/recording"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_goes_in_comes_out),
        cmocka_unit_test(half_a_file_gives_its_beginning),
        cmocka_unit_test(other_files_give_nothing),
    };
    return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
