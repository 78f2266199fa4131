#include "views/age_text.h"

#include <stdio.h>

void age_text(int64_t ms, char ret_text[AGE_TEXT_SIZE])
{
    long long s = ms > 0 ? ms / 1000 : 0;
    if (s < 60)
        snprintf(ret_text, AGE_TEXT_SIZE, "%llds", s);
    else if (s < 3600)
        snprintf(ret_text, AGE_TEXT_SIZE, "%lldm %02llds", s / 60, s % 60);
    else if (s < 86400)
        snprintf(ret_text, AGE_TEXT_SIZE, "%lldh %02lldm", s / 3600, s / 60 % 60);
    else
        snprintf(ret_text, AGE_TEXT_SIZE, "%lldd %02lldh", s / 86400, s / 3600 % 24);
}

void clock_text(int64_t epoch_ms, char ret_text[AGE_TEXT_SIZE])
{
    long long s = epoch_ms / 1000 % 86400;
    s = s < 0 ? s + 86400 : s;
    snprintf(ret_text, AGE_TEXT_SIZE, "%02lld:%02lld:%02lld", s / 3600, s / 60 % 60,
             s % 60);
}
