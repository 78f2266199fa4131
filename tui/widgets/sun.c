#include "widgets/sun.h"

#include <math.h>

#define JULIAN_DAY_OF_EPOCH 2440587.5
#define MS_PER_DAY          86400000.0

static double radians(double deg)
{
    return deg * (3.14159265358979323846 / 180);
}

static double degrees(double rad)
{
    return rad * (180 / 3.14159265358979323846);
}

/* The elements of the calculator's table, t in Julian centuries since 2000. */
struct sun {
    double mean_longitude, mean_anomaly, eccentricity; /* degrees, degrees, 1 */
    double longitude, obliquity;                       /* apparent; degrees */
};

static struct sun sun_at(double t)
{
    struct sun s;
    s.mean_longitude = fmod(280.46646 + t * (36000.76983 + t * 0.0003032), 360);
    s.mean_anomaly = 357.52911 + t * (35999.05029 - t * 0.0001537);
    s.eccentricity = 0.016708634 - t * (0.000042037 + t * 0.0000001267);
    double m = radians(s.mean_anomaly);
    double centre = sin(m) * (1.914602 - t * (0.004817 + t * 0.000014)) +
                    sin(2 * m) * (0.019993 - t * 0.000101) + sin(3 * m) * 0.000289;
    double node = radians(125.04 - t * 1934.136);
    s.longitude = s.mean_longitude + centre - 0.00569 - 0.00478 * sin(node);
    double seconds = 21.448 - t * (46.815 + t * (0.00059 - t * 0.001813));
    s.obliquity = 23 + (26 + seconds / 60) / 60 + 0.00256 * cos(node);
    return s;
}

/* How far the sun is ahead of the clock, minutes. */
static double equation_of_time(const struct sun *s)
{
    double y = pow(tan(radians(s->obliquity / 2)), 2);
    double l = radians(s->mean_longitude);
    double m = radians(s->mean_anomaly);
    double e = s->eccentricity;
    return 4 *
           degrees(y * sin(2 * l) - 2 * e * sin(m) + 4 * e * y * sin(m) * cos(2 * l) -
                   0.5 * y * y * sin(4 * l) - 1.25 * e * e * sin(2 * m));
}

struct geo_point sun_overhead(int64_t epoch_ms)
{
    double days = (double)epoch_ms / MS_PER_DAY;
    const struct sun s = sun_at((days + JULIAN_DAY_OF_EPOCH - 2451545) / 36525);
    double minutes = (days - floor(days)) * 1440 + equation_of_time(&s);
    double declination = asin(sin(radians(s.obliquity)) * sin(radians(s.longitude)));
    return (struct geo_point){degrees(declination), geo_wrap_lon(180 - minutes / 4)};
}

double sun_height_sine(struct geo_point overhead, struct geo_point place)
{
    double a = radians(overhead.lat_deg);
    double b = radians(place.lat_deg);
    return sin(a) * sin(b) +
           cos(a) * cos(b) * cos(radians(place.lon_deg - overhead.lon_deg));
}

bool sun_is_night(struct geo_point overhead, struct geo_point place)
{
    return sun_height_sine(overhead, place) < SUN_SET_SINE;
}
