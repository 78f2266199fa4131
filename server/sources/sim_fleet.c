#include "sources/sim_fleet.h"

#include <string.h>

#include "base/macros.h"
#include "sources/sim_random.h"

#define STRIDE 7919u /* a prime that divides no form's capacity */

/* clang-format off */
static const struct sim_type types[] = {
    /* code, kind, category, levels in kft, rotate, low, climb, cruise, Mach, descent,
     * approach; climb at 0, 10, 20, 30, 40 kft, shortest and longest leg */
    {"A319", SIM_JET, 0xA3, 28, 39, 135, 250, 290, 300, 780, 290, 128,
     {2700, 2400, 2000, 1400, 600}, 180, 1800},
    {"A320", SIM_JET, 0xA3, 28, 39, 142, 250, 290, 300, 780, 290, 134,
     {2600, 2300, 1900, 1300, 500}, 180, 2000},
    {"A321", SIM_JET, 0xA3, 28, 37, 148, 250, 290, 300, 780, 290, 140,
     {2500, 2200, 1800, 1100, 400}, 200, 2200},
    {"A20N", SIM_JET, 0xA3, 28, 39, 142, 250, 290, 300, 780, 290, 133,
     {2700, 2400, 2000, 1400, 600}, 200, 2400},
    {"A21N", SIM_JET, 0xA3, 28, 39, 148, 250, 290, 300, 780, 290, 139,
     {2500, 2200, 1800, 1200, 500}, 250, 3000},
    {"BCS1", SIM_JET, 0xA3, 28, 41, 130, 250, 280, 290, 780, 280, 125,
     {2800, 2500, 2100, 1500, 800}, 180, 1800},
    {"BCS3", SIM_JET, 0xA3, 28, 41, 134, 250, 280, 290, 780, 280, 130,
     {2700, 2400, 2000, 1400, 700}, 180, 2200},
    {"B737", SIM_JET, 0xA3, 28, 41, 138, 250, 280, 290, 785, 280, 130,
     {2900, 2600, 2100, 1500, 700}, 180, 1900},
    {"B738", SIM_JET, 0xA3, 28, 39, 147, 250, 280, 290, 785, 280, 142,
     {2600, 2300, 1900, 1300, 500}, 200, 2200},
    {"B739", SIM_JET, 0xA3, 28, 39, 150, 250, 280, 290, 785, 280, 145,
     {2400, 2100, 1700, 1100, 400}, 250, 2300},
    {"B38M", SIM_JET, 0xA3, 28, 39, 147, 250, 280, 290, 790, 280, 142,
     {2600, 2300, 1900, 1300, 600}, 250, 2600},
    {"B39M", SIM_JET, 0xA3, 28, 39, 150, 250, 280, 290, 790, 280, 146,
     {2400, 2100, 1700, 1100, 500}, 250, 2600},
    {"B752", SIM_JET, 0xA4, 29, 41, 140, 250, 290, 300, 800, 290, 135,
     {3200, 2800, 2300, 1600, 700}, 350, 3200},
    {"E170", SIM_JET, 0xA3, 26, 39, 128, 250, 270, 280, 760, 270, 125,
     {2600, 2300, 1800, 1200, 500}, 120, 1100},
    {"E75L", SIM_JET, 0xA3, 26, 39, 130, 250, 270, 280, 780, 270, 126,
     {2600, 2300, 1800, 1200, 500}, 120, 1200},
    {"E190", SIM_JET, 0xA3, 26, 39, 138, 250, 280, 290, 780, 280, 132,
     {2600, 2300, 1800, 1200, 500}, 150, 1400},
    {"E195", SIM_JET, 0xA3, 26, 39, 140, 250, 280, 290, 780, 280, 134,
     {2500, 2200, 1800, 1200, 500}, 150, 1400},
    {"E295", SIM_JET, 0xA3, 28, 41, 138, 250, 280, 290, 780, 280, 132,
     {2700, 2400, 2000, 1400, 600}, 180, 1800},
    {"CRJ2", SIM_JET, 0xA2, 24, 35, 135, 250, 270, 280, 740, 270, 135,
     {2400, 2100, 1600, 900, 300}, 100, 800},
    {"CRJ9", SIM_JET, 0xA3, 26, 37, 140, 250, 280, 290, 780, 280, 138,
     {2500, 2200, 1700, 1100, 400}, 120, 1100},
    {"A306", SIM_JET, 0xA5, 29, 37, 145, 250, 290, 300, 790, 290, 138,
     {2400, 2100, 1700, 1100, 400}, 300, 2500},
    {"B763", SIM_JET, 0xA5, 29, 39, 152, 250, 290, 310, 800, 290, 142,
     {2500, 2200, 1800, 1200, 400}, 500, 4500},
    {"A332", SIM_JET, 0xA5, 30, 41, 150, 250, 300, 310, 820, 300, 138,
     {2300, 2000, 1700, 1200, 500}, 900, 5500},
    {"A333", SIM_JET, 0xA5, 30, 41, 152, 250, 300, 310, 820, 300, 140,
     {2200, 1900, 1600, 1100, 400}, 700, 5000},
    {"A359", SIM_JET, 0xA5, 32, 41, 148, 250, 310, 320, 850, 300, 140,
     {2400, 2100, 1800, 1300, 600}, 1200, 7200},
    {"A388", SIM_JET, 0xA5, 32, 41, 158, 250, 320, 330, 850, 300, 142,
     {2000, 1800, 1500, 1000, 400}, 2000, 7500},
    {"B744", SIM_JET, 0xA5, 30, 39, 165, 250, 320, 330, 850, 300, 152,
     {2200, 1900, 1600, 1000, 300}, 1000, 6000},
    {"B748", SIM_JET, 0xA5, 30, 39, 165, 250, 320, 330, 850, 300, 153,
     {2200, 1900, 1600, 1000, 300}, 1200, 6500},
    {"B772", SIM_JET, 0xA5, 30, 41, 155, 250, 310, 320, 840, 300, 140,
     {2500, 2200, 1800, 1200, 500}, 1200, 6000},
    {"B77L", SIM_JET, 0xA5, 30, 41, 160, 250, 310, 320, 840, 300, 142,
     {2400, 2100, 1700, 1100, 500}, 1200, 6000},
    {"B77W", SIM_JET, 0xA5, 30, 41, 162, 250, 310, 320, 840, 300, 148,
     {2300, 2000, 1700, 1100, 400}, 1500, 7200},
    {"B788", SIM_JET, 0xA5, 32, 43, 150, 250, 310, 320, 850, 300, 138,
     {2500, 2200, 1800, 1300, 600}, 900, 6500},
    {"B789", SIM_JET, 0xA5, 32, 41, 155, 250, 310, 320, 850, 300, 142,
     {2400, 2100, 1800, 1300, 600}, 1200, 7200},
    {"MD11", SIM_JET, 0xA5, 29, 37, 165, 250, 310, 320, 830, 300, 155,
     {2300, 2000, 1600, 1000, 300}, 900, 5000},
    {"AT76", SIM_PROP, 0xA2, 14, 25, 112, 170, 170, 210, 440, 220, 110,
     {1500, 1200, 800, 500, 300}, 60, 500},
    {"DH8A", SIM_PROP, 0xA2, 12, 24, 95, 160, 160, 200, 440, 210, 98,
     {1500, 1200, 700, 500, 300}, 50, 350},
    {"DH8D", SIM_PROP, 0xA2, 16, 25, 120, 210, 210, 250, 600, 240, 118,
     {2300, 1900, 1200, 600, 300}, 80, 700},
    {"C56X", SIM_JET, 0xA2, 28, 43, 110, 240, 260, 270, 720, 270, 110,
     {3200, 2900, 2300, 1600, 800}, 150, 1500},
    {"E55P", SIM_JET, 0xA2, 30, 43, 112, 240, 260, 270, 760, 270, 112,
     {3400, 3100, 2500, 1800, 900}, 150, 1600},
    {"CL35", SIM_JET, 0xA2, 34, 43, 120, 250, 280, 290, 800, 280, 120,
     {3500, 3100, 2500, 1800, 900}, 200, 2600},
    {"GLF6", SIM_JET, 0xA3, 37, 47, 125, 250, 290, 300, 850, 290, 118,
     {3600, 3200, 2600, 1900, 1000}, 400, 5500},
    {"PC12", SIM_PROP, 0xA1, 14, 28, 82, 150, 150, 200, 440, 200, 88,
     {1600, 1400, 1000, 500, 300}, 80, 900},
    {"SR22", SIM_LIGHT, 0xA1, 4, 12, 72, 105, 110, 155, 400, 150, 82,
     {1200, 800, 400, 300, 300}, 30, 350},
    {"C172", SIM_LIGHT, 0xA1, 3, 8, 55, 75, 78, 105, 300, 105, 65,
     {720, 400, 300, 300, 300}, 15, 180},
    {"EC35", SIM_HELICOPTER, 0xA7, 1, 3, 30, 70, 75, 120, 300, 110, 40,
     {1200, 800, 500, 300, 300}, 10, 80},
    {"S92", SIM_HELICOPTER, 0xA7, 2, 4, 35, 80, 85, 140, 300, 120, 45,
     {1200, 800, 500, 300, 300}, 30, 180},
};

/* Weights follow the number of flights a day; Europe, North America and East Asia
 * are the busiest. Hubs are where a fleet turns around. */
static const struct sim_operator operators[] = {
    {"AAL", "US", 24, 75, "KDFW KCLT KORD KMIA KPHX KPHL", "A321 B738 A319 B38M B788 B77W"},
    {"DAL", "US", 22, 75, "KATL KDTW KMSP KSLC KJFK KSEA", "A321 B739 A320 B752 A333 A359"},
    {"UAL", "US", 22, 70, "KORD KDEN KIAH KEWR KSFO KIAD", "B738 B39M A320 B739 B77W B789"},
    {"SWA", "US", 20, 95, "KMDW KDEN KLAS KBWI KPHX KDAL", "B737 B738 B38M"},
    {"JBU", "US", 7, 75, "KJFK KBOS KFLL", "A320 A321 BCS3"},
    {"ASA", "US", 7, 90, "KSEA KPDX PANC KLAX", "B739 B738 B39M"},
    {"NKS", "US", 5, 80, "KFLL KLAS KMCO", "A20N A321"},
    {"FFT", "US", 4, 85, "KDEN KMCO", "A20N A21N"},
    {"SKW", "US", 10, 95, "KDEN KSLC KORD KLAX", "E75L CRJ9 CRJ2"},
    {"ENY", "US", 5, 95, "KDFW KORD", "E75L E170"},
    {"RPA", "US", 6, 95, "KIND KDCA KEWR", "E75L E170"},
    {"EDV", "US", 4, 95, "KMSP KDTW KLGA", "CRJ9"},
    {"FDX", "US", 7, 85, "KMEM KIND KOAK LFPG", "B763 B77L MD11 B752"},
    {"UPS", "US", 6, 85, "KSDF KONT KPHL EDDK", "B763 B748 B752 A306"},
    {"GTI", "US", 2, 40, "KCVG KMIA PANC", "B744 B748 B763"},
    {"EJA", "US", 6, 90, "KCMH KPBI KHPN KSNA", "C56X CL35 GLF6"},
    {"ACA", "CA", 9, 55, "CYYZ CYUL CYVR", "A320 A321 BCS3 B38M B789 A333"},
    {"WJA", "CA", 5, 65, "CYYC CYVR CYYZ", "B738 B38M B737"},
    {"PTR", "CA", 2, 75, "CYYZ CYOW", "DH8D E295"},
    {"AMX", "MX", 4, 60, "MMMX", "B738 B38M E190 B789"},
    {"VOI", "MX", 4, 80, "MMGL MMTJ MMMX", "A20N A320 A21N"},
    {"VIV", "MX", 3, 85, "MMMY MMUN", "A20N A320"},
    {"TAM", "BR", 6, 75, "SBGR SBBR", "A320 A321 B77W B789"},
    {"GLO", "BR", 5, 90, "SBGR SBSP SBGL", "B738 B38M"},
    {"AZU", "BR", 5, 92, "SBKP SBCF", "E195 E295 A20N AT76"},
    {"LAN", "CL", 4, 45, "SCEL SPIM", "A320 A321 A319 B789"},
    {"AVA", "CO", 4, 55, "SKBO SKRG", "A320 A319 B788"},
    {"CMP", "PA", 3, 0, "MPTO", "B738 B39M"},
    {"ARG", "AR", 3, 75, "SABE SAEZ", "B738 E190 A332"},
    {"RYR", "IE", 16, 10, "EIDW EGSS LEMD LIME EBCI LEBL", "B738 B38M"},
    {"EZY", "GB", 8, 15, "EGKK EGGW EGGD EGCC", "A319 A320 A20N A21N"},
    {"EJU", "AT", 6, 20, "LFPG LIMC EDDB EHAM LPPR", "A319 A320 A20N"},
    {"WZZ", "HU", 6, 2, "LHBP LROP EPWA EPKT", "A320 A321 A21N"},
    {"DLH", "DE", 11, 20, "EDDF EDDM", "A319 A320 A20N A21N A359 B748"},
    {"EWG", "DE", 5, 25, "EDDL EDDK EDDH EDDS", "A319 A320"},
    {"AFR", "FR", 10, 30, "LFPG LFPO", "A320 BCS3 A321 B77W A359 B789"},
    {"KLM", "NL", 8, 0, "EHAM", "B738 B737 E190 B789 B77W A332"},
    {"BAW", "GB", 10, 10, "EGLL EGKK EGLC", "A319 A320 A20N B772 B77W A388"},
    {"IBE", "ES", 5, 40, "LEMD", "A320 A321 A20N A332 A359"},
    {"VLG", "ES", 6, 45, "LEBL LEMG LFPO", "A320 A20N A321"},
    {"AEA", "ES", 2, 40, "LEMD", "B738 B789"},
    {"SWR", "CH", 5, 5, "LSZH LSGG", "A320 A20N BCS3 BCS1 A333 B77W"},
    {"AUA", "AT", 4, 5, "LOWW", "A320 A321 E195 B772"},
    {"BEL", "BE", 3, 0, "EBBR", "A319 A320 A333"},
    {"SAS", "SE", 6, 30, "ESSA EKCH ENGM", "A20N A320 A359 A333"},
    {"NOZ", "NO", 4, 60, "ENGM ENBR", "B738 B38M"},
    {"WIF", "NO", 2, 95, "ENBO ENTC", "DH8A DH8D"},
    {"FIN", "FI", 3, 20, "EFHK", "A320 A321 A359 E190"},
    {"TAP", "PT", 4, 15, "LPPT LPPR", "A20N A21N A320 A333"},
    {"ITY", "IT", 4, 45, "LIRF LIML", "A320 A20N BCS3 A359"},
    {"LOT", "PL", 4, 15, "EPWA", "E190 E170 B738 B38M B789"},
    {"ROT", "RO", 1, 25, "LROP", "B738 AT76"},
    {"TVS", "CZ", 2, 0, "LKPR", "B738 B38M"},
    {"AEE", "GR", 3, 45, "LGAV", "A320 A20N A21N AT76"},
    {"THY", "TR", 10, 25, "LTFM", "A321 B738 B77W A333 A359 B38M"},
    {"PGT", "TR", 5, 40, "LTFJ", "A20N A21N B738"},
    {"EXS", "GB", 4, 2, "EGCC EGNX EGGD", "B738 A321"},
    {"TOM", "GB", 3, 2, "EGKK EGCC", "B738 B38M B789"},
    {"LOG", "GB", 2, 90, "EGPF EGPH", "AT76"},
    {"EIN", "IE", 3, 2, "EIDW", "A320 A333 A21N"},
    {"ICE", "IS", 1, 0, "BIKF", "B38M B752"},
    {"BTI", "LV", 2, 0, "EVRA", "BCS3"},
    {"CFG", "DE", 2, 2, "EDDF EDDL", "A320 A321 A333"},
    {"BOX", "DE", 1, 0, "EDDP", "B77L"},
    {"CLX", "LU", 1, 0, "ELLX", "B748 B744"},
    {"NJE", "PT", 3, 5, "LSGG LFMN EGGW", "C56X E55P GLF6"},
    {"AFL", "RU", 6, 75, "UUEE", "A320 B738 B77W A359"},
    {"SBI", "RU", 3, 85, "UNNT UUDD", "A320 A20N B738"},
    {"UAE", "AE", 5, 0, "OMDB", "B77W A388"},
    {"ETD", "AE", 2, 0, "OMAA", "B789 A320 A359"},
    {"FDB", "AE", 2, 0, "OMDB", "B738 B38M"},
    {"ABY", "AE", 2, 0, "OMSJ", "A320 A21N"},
    {"QTR", "QA", 4, 0, "OTHH", "B77W A359 B788 A320"},
    {"SVA", "SA", 4, 55, "OERK OEJN", "A320 A333 B77W B789"},
    {"KNE", "SA", 2, 60, "OERK OEJN", "A20N A320"},
    {"ELY", "IL", 1, 5, "LLBG", "B738 B789"},
    {"MEA", "LB", 1, 0, "OLBA", "A320 A21N"},
    {"CCA", "CN", 9, 85, "ZBAA ZUUU", "A321 B738 A320 A333 B77W B789"},
    {"CES", "CN", 10, 85, "ZSPD ZSSS ZPPP", "A320 B738 A321 A20N A333 B77W"},
    {"CSN", "CN", 11, 88, "ZGGG ZGSZ ZBAD", "A320 A321 B738 A20N A333 B789"},
    {"CHH", "CN", 5, 90, "ZJHK ZBAA", "B738 A333 B789"},
    {"CXA", "CN", 3, 88, "ZSAM", "B738 A20N B789"},
    {"CQH", "CN", 3, 88, "ZSSS ZSPD", "A320 A20N"},
    {"CPA", "HK", 4, 0, "VHHH", "A333 A359 B77W A21N"},
    {"ANA", "JP", 7, 85, "RJTT RJBB ROAH", "B788 B789 B77W B738 A321"},
    {"JAL", "JP", 6, 85, "RJTT RJBB", "B738 B788 A359 B763 B789"},
    {"APJ", "JP", 2, 75, "RJBB", "A320 A20N"},
    {"KAL", "KR", 5, 30, "RKSI RKSS", "B738 A21N A333 B77W B789"},
    {"AAR", "KR", 3, 35, "RKSI RKSS", "A321 A333 A359"},
    {"JNA", "KR", 2, 45, "RKPC RKSS", "B738"},
    {"CAL", "TW", 3, 0, "RCTP", "A333 A359 A21N B77W"},
    {"EVA", "TW", 3, 0, "RCTP", "A321 A333 B77W B789"},
    {"HVN", "VN", 3, 65, "VVNB VVTS", "A321 A359 B789"},
    {"VJC", "VN", 3, 70, "VVTS VVNB", "A320 A321 A21N"},
    {"THA", "TH", 2, 20, "VTBS", "A359 B77W A320"},
    {"AIQ", "TH", 2, 60, "VTBD", "A320 A20N"},
    {"MAS", "MY", 3, 45, "WMKK", "B738 A333 A359"},
    {"AXM", "MY", 3, 55, "WMKK", "A320"},
    {"SIA", "SG", 4, 0, "WSSS", "A359 B77W B38M A388"},
    {"TGW", "SG", 2, 0, "WSSS", "A320 A21N B788"},
    {"GIA", "ID", 2, 80, "WIII", "B738 A333"},
    {"LNI", "ID", 4, 92, "WIII WARR", "B738 B739"},
    {"CTV", "ID", 2, 92, "WIII WADD", "A320"},
    {"PAL", "PH", 2, 60, "RPLL", "A321 B77W A320"},
    {"CEB", "PH", 2, 70, "RPLL RPVM", "A320 A20N A21N"},
    {"IGO", "IN", 9, 85, "VIDP VABB VOBL VOHS", "A20N A21N A320 AT76"},
    {"AIC", "IN", 5, 70, "VIDP VABB", "A20N A321 B788 B77W"},
    {"AKJ", "IN", 1, 90, "VABB VOBL", "B38M"},
    {"ALK", "LK", 1, 0, "VCBI", "A320 A333"},
    {"PIA", "PK", 1, 45, "OPKC", "A320 B772"},
    {"QFA", "AU", 4, 75, "YSSY YMML YBBN", "B738 A333 B789 A388"},
    {"VOZ", "AU", 4, 92, "YBBN YMML YSSY", "B738 B38M"},
    {"JST", "AU", 2, 85, "YMML YSSY", "A320 A21N"},
    {"ANZ", "NZ", 3, 75, "NZAA NZCH", "A320 A21N AT76 B789"},
    {"ETH", "ET", 3, 25, "HAAB", "B738 B789 A359 B77L DH8D"},
    {"MSR", "EG", 2, 20, "HECA", "B738 A20N B789"},
    {"RAM", "MA", 2, 20, "GMMN", "B738 B788"},
    {"KQA", "KE", 1, 25, "HKJK", "E190 B738 B788"},
    {"DAH", "DZ", 1, 50, "DAAG", "B738 A332 AT76"},
    {"", "US", 16, 99, "", "C172 SR22 C172 PC12"},
    {"", "DE", 2, 80, "", "C172 SR22 PC12"},
    {"", "GB", 2, 85, "", "C172 SR22"},
    {"", "FR", 2, 85, "", "C172 SR22"},
    {"", "CA", 2, 95, "", "C172 PC12"},
    {"", "AU", 1, 99, "", "C172 SR22 PC12"},
    {"", "BR", 1, 99, "", "C172 SR22"},
    {"", "CH", 1, 70, "", "C172 SR22 PC12"},
    {"", "US", 2, 99, "", "EC35"},
    {"", "DE", 1, 99, "", "EC35"},
    {"", "GB", 1, 99, "", "EC35 S92"},
    {"", "NO", 1, 99, "", "S92"},
};

/* '?' is a letter, '#' a digit, '+' a digit from 1 to 9. Sorted by nothing. */
static const struct {
    char country[3];
    const char *form;
} registers[] = {
    {"AE", "A6-???"},   {"AR", "LV-???"},   {"AT", "OE-???"},  {"AU", "VH-???"},
    {"BE", "OO-???"},   {"BR", "PR-???"},   {"CA", "C-F???"},  {"CH", "HB-???"},
    {"CL", "CC-???"},   {"CN", "B-+###"},   {"CO", "HK-+###"}, {"CZ", "OK-???"},
    {"DE", "D-A???"},   {"DZ", "7T-V??"},   {"EG", "SU-G??"},  {"ES", "EC-???"},
    {"ET", "ET-A??"},   {"FI", "OH-L??"},   {"FR", "F-G???"},  {"GB", "G-????"},
    {"GR", "SX-???"},   {"HK", "B-L??"},    {"HU", "HA-L??"},  {"ID", "PK-???"},
    {"IE", "EI-???"},   {"IL", "4X-E??"},   {"IN", "VT-???"},  {"IS", "TF-I??"},
    {"IT", "I-????"},   {"JP", "JA+##?"},   {"KE", "5Y-K??"},  {"KR", "HL7###"},
    {"LB", "OD-M??"},   {"LK", "4R-A??"},   {"LU", "LX-?CV"},  {"LV", "YL-C??"},
    {"MA", "CN-R??"},   {"MX", "XA-???"},   {"MY", "9M-M??"},  {"NL", "PH-???"},
    {"NO", "LN-???"},   {"NZ", "ZK-O??"},   {"PA", "HP-1+##"}, {"PH", "RP-C+###"},
    {"PK", "AP-B??"},   {"PL", "SP-L??"},   {"PT", "CS-T??"},  {"QA", "A7-A??"},
    {"RO", "YR-B??"},   {"RU", "RA-7+###"}, {"SA", "HZ-???"},  {"SE", "SE-R??"},
    {"SG", "9V-S??"},   {"TH", "HS-T??"},   {"TR", "TC-J??"},  {"TW", "B-18+##"},
    {"US", "N+##??"},   {"VN", "VN-A+##"},
};
/* clang-format on */

/* Without I and O, which registers avoid beside digits. */
static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ";

size_t sim_operator_count(void)
{
    return ARRAY_LEN(operators);
}

const struct sim_operator *sim_operator_at(size_t index)
{
    return &operators[index];
}

const struct sim_type *sim_type_by_code(const char *code, size_t length)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (strlen(types[i].code) == length && memcmp(types[i].code, code, length) == 0)
            return &types[i];
    }
    return NULL;
}

const struct sim_type *sim_type_at(size_t index)
{
    return &types[index];
}

size_t sim_type_index(const struct sim_type *type)
{
    return (size_t)(type - types);
}

size_t sim_register_count(void)
{
    return ARRAY_LEN(registers);
}

size_t sim_register_of(const char *country)
{
    size_t i = 0;

    while (i < ARRAY_LEN(registers) && strcmp(registers[i].country, country) != 0)
        i++;
    return i;
}

/* How many values a place of a form can take; 1 for what is printed as it is. */
static uint32_t choices(char place)
{
    return place == '?'   ? (uint32_t)sizeof letters - 1
           : place == '#' ? 10
           : place == '+' ? 9
                          : 1;
}

static char draw(char place, uint32_t choice)
{
    return place == '?'   ? letters[choice]
           : place == '#' ? (char)('0' + choice)
           : place == '+' ? (char)('1' + choice)
                          : place;
}

void sim_registration(size_t index, uint32_t number,
                      char ret_text[SIM_REGISTRATION_SIZE])
{
    const char *form = registers[index].form;
    size_t n = strlen(form);
    uint32_t capacity = 1;

    for (size_t k = 0; k < n; k++)
        capacity *= choices(form[k]);
    /* a stride without common factors visits every mark before it repeats one */
    uint64_t place = (uint64_t)number * STRIDE + (uint32_t)sim_mix(index);
    uint32_t mark = (uint32_t)(place % capacity);

    for (size_t k = n; k-- > 0;) {
        ret_text[k] = draw(form[k], mark % choices(form[k]));
        mark /= choices(form[k]);
    }
    ret_text[n] = '\0';
}
