/*
 * Emergencies of aircraft: which have begun and ended, out of their squawks (7500,
 * 7600, 7700) and emergency fields, with a delay on both sides so that a code
 * that passes by while a pilot turns the knob is none. One alert per aircraft
 * at a time; a change of its kind (7600, then 7700) is told as an update of the
 * same alert. Pure: time comes as an argument. One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct emergencies;
struct flight;
struct strbuf;

enum {
    EMERGENCY_BEGIN_MS = 3000, /* it lasts this long before it is told */
    EMERGENCY_END_MS = 10000,  /* it is over this long before that is told */
    EMERGENCIES_MAX = 2048     /* more at a time are not followed */
};

/* A flight-alerts record: the aircraft and the JSON text of its alert. */
typedef void (*emergency_fn)(void *data, uint32_t icao, const char *json, size_t len);

struct emergencies *emergencies_new(emergency_fn on_alert, void *data);
void emergencies_free(struct emergencies *e); /* accepts NULL */

/* Looks at an aircraft that was heard. */
void emergencies_look(struct emergencies *e, const struct flight *f);

/* The aircraft expired: its emergency ends when it was last heard. */
void emergencies_gone(struct emergencies *e, uint32_t icao, int64_t heard_at_ms);

/* Tells what began or ended long enough ago. Call about once a second. */
void emergencies_step(struct emergencies *e, int64_t now_ms);

/*
 * Takes over an alert that another tracker told (a flight-alerts record, in
 * order). What is no alert of an aircraft is ignored.
 */
void emergencies_restore(struct emergencies *e, const char *json, size_t len);

/* Forgets an aircraft without telling: it is another tracker's. */
void emergencies_forget(struct emergencies *e, uint32_t icao);

/* What has become of the aircraft of a restored alert. */
enum emergency_fate { EMERGENCY_STAYS, EMERGENCY_IS_GONE, EMERGENCY_IS_FOREIGN };
typedef enum emergency_fate (*emergency_fate_fn)(void *data, uint32_t icao);

/* After emergencies_restore: those whose aircraft is gone end, foreign ones go. */
void emergencies_sort_out(struct emergencies *e, int64_t now_ms, emergency_fate_fn fate,
                          void *data);

/* Those told as begun and not yet as ended. */
size_t emergencies_active(const struct emergencies *e);
