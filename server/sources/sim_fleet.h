/*
 * Who flies what in the simulated world: aircraft types with their performance,
 * operators with their hubs, and how countries write registrations.
 *
 * Constant tables; any thread. Performance figures are rounded from published
 * type data sheets and Eurocontrol's Aircraft Performance Database: plausible to
 * a reader of a radar screen, not for flight planning.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
    SIM_REGISTRATION_SIZE = 10, /* with the NUL */
    SIM_CLIMB_STEP_FT = 10000   /* spacing of climb_fpm */
};

enum sim_kind { SIM_JET, SIM_PROP, SIM_LIGHT, SIM_HELICOPTER };

struct sim_type {
    char code[5];     /* ICAO type designator, Doc 8643 */
    uint8_t kind;     /* enum sim_kind */
    uint8_t category; /* ADS-B emitter category as in the wire's letter and digit */
    uint8_t floor_kft, ceiling_kft;       /* usual cruising levels */
    uint16_t rotate_kt, low_kt, climb_kt; /* CAS: lift-off, below 10,000 ft, above */
    uint16_t cruise_kt, mach_e3;          /* CAS and Mach number, the lower rules */
    uint16_t descent_kt, approach_kt;     /* CAS */
    uint16_t climb_fpm[5];                /* at 0, 10,000 .. 40,000 ft */
    uint16_t range_min_nm, range_max_nm;  /* legs it is used on */
};

struct sim_operator {
    char icao[4];         /* designator, "" = flies under its registration */
    char registry[3];     /* ISO country that registers the fleet */
    uint8_t weight;       /* share of the world's traffic */
    uint8_t domestic_pct; /* legs that stay in the country of the hub */
    const char *hubs;     /* ICAO codes, separated by blanks; "" = the country's */
    const char *types;    /* type designators, separated by blanks */
};

size_t sim_operator_count(void);
const struct sim_operator *sim_operator_at(size_t index);

/* The type of a designator, or NULL. */
const struct sim_type *sim_type_by_code(const char *code, size_t length);
const struct sim_type *sim_type_at(size_t index);
size_t sim_type_index(const struct sim_type *type);

/* Registers of aircraft, by index; sim_register_count() when none is known. */
size_t sim_register_count(void);
size_t sim_register_of(const char *country);

/*
 * The number-th registration of a register, in the country's form. They differ
 * until the form is used up, which takes more aircraft than the country has here.
 */
void sim_registration(size_t index, uint32_t number,
                      char ret_text[SIM_REGISTRATION_SIZE]);
