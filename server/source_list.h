/*
 * The sources of the role ingest as JSON, for /api/v1/stats and the channel
 * pipeline: name, kind, status, ages, rates, what is the matter. Any thread.
 */
#pragma once

struct strbuf;

/* Writes a JSON array; data is the struct ingest. */
void source_list_write(void *data, struct strbuf *out);
