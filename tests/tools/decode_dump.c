/*
 * decode_dump FORMAT [FILE]: what a decoder makes of a file (or stdin, unpacked
 * already), one JSON line each, for tests that compare with another reading:
 *   {"record":{..as written to Kafka..},"refused_fields":N}
 *   {"refused":"reason"}
 *   {"error":"one line"}           the document as a whole
 *   {"now":SECONDS}                the document's time
 * FORMAT: readsb, adsbv2, opensky (documents), json-port, sbs (lines, received
 * at second 1000), trace, replay (FILE, anything that replay: takes).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "flight/flight_encode.h"
#include "sources/decode_adsbv2.h"
#include "sources/decode_opensky.h"
#include "sources/decode_readsb.h"
#include "sources/decode_sbs.h"
#include "sources/decode_trace.h"
#include "sources/replay_reader.h"

enum { INPUT_MAX = 256 << 20, RECEIVED_MS = 1000000 };

static void print_result(enum observation_reason reason, const struct observation *obs,
                         const struct flight_refusals *refusals)
{
    struct strbuf text;
    if (reason == OBSERVATION_EMPTY)
        return;
    if (reason != OBSERVATION_NONE) {
        printf("{\"refused\":\"%s\"}\n", observation_reason_text(reason));
        return;
    }
    strbuf_init(&text, FLIGHT_ENCODE_MAX);
    flight_encode_record(&text, obs);
    printf("{\"record\":%s,\"refused_fields\":%u}\n", strbuf_text(&text),
           refusals->count);
    strbuf_release(&text);
}

static void print_error(const struct strbuf *error)
{
    struct strbuf text;
    strbuf_init(&text, FLIGHT_ENCODE_MAX);
    strbuf_add_json(&text, strbuf_text(error), error->len);
    printf("{\"error\":%s}\n", strbuf_text(&text));
    strbuf_release(&text);
}

static void dump_document(const struct document_format *format,
                          const struct strbuf *input)
{
    struct document document;
    struct json_slice row;
    struct strbuf error;
    strbuf_init(&error, 1024);
    if (!document_open(strbuf_text(input), input->len, format, &document, &error))
        print_error(&error);
    else
        printf("{\"now\":%.3f}\n", (double)document.now_ms / 1000);
    while (error.len == 0 && json_cursor_element(&document.rows, &row)) {
        struct observation obs;
        struct flight_refusals refusals = {0};
        enum observation_reason reason =
            format->decode(row, document.now_ms, &obs, &refusals);
        print_result(reason, &obs, &refusals);
    }
    strbuf_release(&error);
}

static void dump_lines(bool sbs, const struct strbuf *input)
{
    const char *at = strbuf_text(input);
    const char *end = at + input->len;
    while (at < end) {
        struct observation obs;
        struct flight_refusals refusals = {0};
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t n = (size_t)((newline != NULL ? newline : end) - at);
        enum observation_reason reason =
            sbs ? decode_sbs(at, n, RECEIVED_MS, &obs, &refusals)
                : decode_readsb_line(at, n, RECEIVED_MS, &obs, &refusals);
        print_result(reason, &obs, &refusals);
        at += n + (newline != NULL);
    }
}

static void dump_trace(const struct strbuf *input)
{
    struct trace trace;
    struct observation obs;
    struct flight_refusals refusals = {0};
    enum observation_reason reason;
    struct strbuf error;
    strbuf_init(&error, 1024);
    if (!decode_trace_open(strbuf_text(input), input->len, &trace, &error))
        print_error(&error);
    while (error.len == 0 && decode_trace_next(&trace, &reason, &obs, &refusals))
        print_result(reason, &obs, &refusals);
    strbuf_release(&error);
}

static void dump_replay(const char *path)
{
    struct strbuf error;
    struct replay_record record;
    enum replay_next next = REPLAY_NEXT_END;
    strbuf_init(&error, 4096);
    struct replay_reader *reader = replay_reader_open(path, &error);
    while (reader != NULL) {
        next = replay_reader_next(reader, &record, &error);
        if (next == REPLAY_NEXT_END || next == REPLAY_NEXT_FAILED)
            break;
        print_result(record.reason, &record.obs, &record.refusals);
    }
    if (error.len > 0)
        print_error(&error);
    replay_reader_close(reader);
    strbuf_release(&error);
}

static void read_input(const char *path, struct strbuf *ret_input)
{
    static char chunk[65536];
    size_t n;
    FILE *file = path != NULL ? fopen(path, "re") : stdin;
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0)
        strbuf_add(ret_input, chunk, n);
    if (file != stdin)
        fclose(file);
}

static int dump(const char *format, const struct strbuf *input)
{
    if (strcmp(format, "readsb") == 0)
        dump_document(&decode_readsb_format, input);
    else if (strcmp(format, "adsbv2") == 0)
        dump_document(&decode_adsbv2_format, input);
    else if (strcmp(format, "opensky") == 0)
        dump_document(&decode_opensky_format, input);
    else if (strcmp(format, "sbs") == 0 || strcmp(format, "json-port") == 0)
        dump_lines(format[0] == 's', input);
    else if (strcmp(format, "trace") == 0)
        dump_trace(input);
    else
        return 2;
    return 0;
}

int main(int argc, char **argv)
{
    struct strbuf input;
    int status = 0;
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: decode_dump FORMAT [FILE]\n");
        return 2;
    }
    if (strcmp(argv[1], "replay") == 0 && argc == 3) {
        dump_replay(argv[2]);
        return 0;
    }
    strbuf_init(&input, INPUT_MAX);
    read_input(argc == 3 ? argv[2] : NULL, &input);
    status = dump(argv[1], &input);
    strbuf_release(&input);
    return status;
}
