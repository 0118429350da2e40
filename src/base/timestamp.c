/* SPDX-License-Identifier: Apache-2.0 */
/* Dates, as records and the log have them.  gmtime(3) would do as well, but the C library's brings
 * the rules of all time zones along: 60 KB of a static program. */

#include "base/timestamp.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

enum { DAY_SECONDS = 86400, ERA_DAYS = 146097 /* 400 years */, EPOCH = 719468 };

struct date {
    int64_t year;
    int month, day; /* from 1 */
};

/* Years are counted from March here, so that the day of the leap year comes last. */
static struct date date_of(int64_t days_since_1970)
{
    int64_t days = days_since_1970 + EPOCH; /* since 0000-03-01 */
    int64_t era = days / ERA_DAYS;
    int64_t rest = days % ERA_DAYS;
    int64_t year = (rest - rest / 1460 + rest / 36524 - rest / (ERA_DAYS - 1)) / 365;
    int day = (int) (rest - (365 * year + year / 4 - year / 100));
    int month = (5 * day + 2) / 153; /* 0 is March; five months have 153 days */
    bool is_before_march = month >= 10;

    return (struct date){
        .year = era * 400 + year + is_before_march,
        .month = is_before_march ? month - 9 : month + 3,
        .day = day - (153 * month + 2) / 5 + 1,
    };
}

void timestamp_print(char *out, const struct timespec *moment, int digits)
{
    int64_t seconds = moment->tv_sec;
    struct date date = date_of(seconds / DAY_SECONDS);
    int second = (int) (seconds % DAY_SECONDS);
    long fraction = moment->tv_nsec;

    for (int i = digits; i < 9; i++)
        fraction /= 10;
    text_format(out, TIMESTAMP_SIZE, "%04ld-%02d-%02dT%02d:%02d:%02d.%0*ldZ", (long) date.year,
                date.month, date.day, second / 3600, second / 60 % 60, second % 60, digits,
                fraction);
}
