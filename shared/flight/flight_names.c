#include "flight/flight_names.h"

#include <string.h>

#include "base/macros.h"

static const char *const emergency_names[] = {
    [FLIGHT_EMERGENCY_NONE] = "none",
    [FLIGHT_EMERGENCY_GENERAL] = "general",
    [FLIGHT_EMERGENCY_LIFEGUARD] = "lifeguard",
    [FLIGHT_EMERGENCY_MINFUEL] = "minfuel",
    [FLIGHT_EMERGENCY_NORDO] = "nordo",
    [FLIGHT_EMERGENCY_UNLAWFUL] = "unlawful",
    [FLIGHT_EMERGENCY_DOWNED] = "downed",
    [FLIGHT_EMERGENCY_RESERVED] = "reserved",
};

static const char *const addr_type_names[] = {
    [FLIGHT_ADDR_ADSB_ICAO] = "adsb_icao",
    [FLIGHT_ADDR_ADSB_ICAO_NT] = "adsb_icao_nt",
    [FLIGHT_ADDR_ADSR_ICAO] = "adsr_icao",
    [FLIGHT_ADDR_TISB_ICAO] = "tisb_icao",
    [FLIGHT_ADDR_ADSC] = "adsc",
    [FLIGHT_ADDR_MLAT] = "mlat",
    [FLIGHT_ADDR_OTHER] = "other",
    [FLIGHT_ADDR_MODE_S] = "mode_s",
    [FLIGHT_ADDR_ADSB_OTHER] = "adsb_other",
    [FLIGHT_ADDR_ADSR_OTHER] = "adsr_other",
    [FLIGHT_ADDR_TISB_OTHER] = "tisb_other",
    [FLIGHT_ADDR_TISB_TRACKFILE] = "tisb_trackfile",
    [FLIGHT_ADDR_MODE_AC] = "mode_ac",
    [FLIGHT_ADDR_UNKNOWN] = "unknown",
};

static const char *const sil_type_names[] = {"unknown", "perhour", "persample"};

static const char *const nav_mode_names[] = {"autopilot", "vnav", "althold",
                                             "approach",  "lnav", "tcas"};

struct word_list {
    const char *const *words;
    size_t count;
};

static struct word_list enum_words(enum flight_field field)
{
    if (field == FLIGHT_EMERGENCY)
        return (struct word_list){emergency_names, ARRAY_LEN(emergency_names)};
    if (field == FLIGHT_ADDR_TYPE)
        return (struct word_list){addr_type_names, ARRAY_LEN(addr_type_names)};
    if (field == FLIGHT_SIL_TYPE)
        return (struct word_list){sil_type_names, ARRAY_LEN(sil_type_names)};
    return (struct word_list){NULL, 0};
}

static struct word_list bit_words(enum flight_field field)
{
    if (field == FLIGHT_NAV_MODES)
        return (struct word_list){nav_mode_names, ARRAY_LEN(nav_mode_names)};
    return (struct word_list){NULL, 0};
}

/* The index of the word of n bytes at text, -1 when it is not in the list. */
static int find_word(struct word_list list, const char *text, size_t n)
{
    for (size_t i = 0; i < list.count; i++)
        if (strlen(list.words[i]) == n && memcmp(list.words[i], text, n) == 0)
            return (int)i;
    return -1;
}

const char *flight_enum_text(enum flight_field field, int32_t value)
{
    struct word_list list = enum_words(field);
    return value >= 0 && (size_t)value < list.count ? list.words[value] : NULL;
}

bool flight_enum_value(enum flight_field field, const char *text, size_t n,
                       int32_t *ret_value)
{
    int index = find_word(enum_words(field), text, n);
    if (index < 0)
        return false;
    *ret_value = index;
    return true;
}

const char *flight_bit_text(enum flight_field field, unsigned bit)
{
    struct word_list list = bit_words(field);
    return bit < list.count ? list.words[bit] : NULL;
}

bool flight_bit_value(enum flight_field field, const char *text, size_t n,
                      int32_t *ret_value)
{
    int index = find_word(bit_words(field), text, n);
    if (index < 0)
        return false;
    *ret_value = 1 << index;
    return true;
}

void flight_category_text(int32_t category, char ret_text[FLIGHT_CATEGORY_SIZE])
{
    ret_text[0] = (char)('A' + ((category >> 4) - 0xA));
    ret_text[1] = (char)('0' + (category & 7));
    ret_text[2] = '\0';
}

bool flight_category_value(const char *text, size_t n, int32_t *ret_category)
{
    if (n != 2 || text[0] < 'A' || text[0] > 'D' || text[1] < '0' || text[1] > '7')
        return false;
    *ret_category = (0xA + (text[0] - 'A')) << 4 | (text[1] - '0');
    return true;
}

bool flight_squawk_value(const char *text, size_t n, int32_t *ret_squawk)
{
    int32_t squawk = 0;
    if (n < 1 || n > 4)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '7')
            return false;
        squawk = squawk * 10 + (text[i] - '0');
    }
    *ret_squawk = squawk;
    return true;
}

bool flight_squawk_valid(int64_t squawk)
{
    if (squawk < 0 || squawk > 7777)
        return false;
    for (; squawk > 0; squawk /= 10)
        if (squawk % 10 > 7)
            return false;
    return true;
}
