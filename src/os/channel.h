/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * What host and init say to each other: fixed-size messages over a pair of SOCK_SEQPACKET sockets
 * (security rule R16).  Each message begins with its kind; anything of another size or kind, in
 * another place, with a descriptor that is not its own, or without end, is ERROR_PROTOCOL.
 */

/* Both ends, O_CLOEXEC. */
fallible channel_open(int *mine, int *theirs);

/* A meeting point: says "I have arrived at the meeting MEETING" (a number both sides derive from
 * the same table) and waits for the peer to say the same.  If the peer failed, its error is
 * returned; if the peer is gone, ERROR_INIT_DIED. */
fallible channel_meet(int channel, uint32_t meeting);

/* Sends what the peer should say as a warning; it does not wait for it. */
fallible channel_send_warning(int channel, const struct error *warning);

/* The host's ear: called for each warning that comes while a function here waits.  The error is the
 * channel's.  Without an ear a warning is ERROR_PROTOCOL, as in init. */
extern void (*channel_hear_warning)(const struct error *warning);

/* The host's other ear: a signalfd(2) (os/interrupts.h), or -1 as in init.  A signal ends waiting
 * in the functions here with ERROR_INTERRUPTED, and is taken off; what the peer has said comes
 * first, but of several warnings only one.
 */
extern int channel_interrupts;

/* Takes the signal off such a descriptor: that error. */
fallible channel_interrupt(int fd);

/* What the peer has ended with, if it has: its error, or ERROR_INIT_DIED.  OK while it goes on, or
 * has taken leave.  It does not wait, and nothing can be heard behind it. */
fallible channel_hear_failure(int channel);

/* Sends an error to the peer, which gets it from its next channel_meet() or channel_hear_end(). */
fallible channel_send_error(int channel, const struct error *error);

/* Gives the peer a duplicate of a descriptor (unix(7), SCM_RIGHTS); FD stays the caller's. */
fallible channel_send_descriptor(int channel, int fd);

/* Waits for that, O_CLOEXEC; the error the peer sent instead, or ERROR_INIT_DIED. */
fallible channel_hear_descriptor(int channel, int *fd);

/* Spans of a trace, sent by init before it hangs up. */
struct channel_span {
    uint64_t row;          /* so wide that no gap is sent, with what was in memory before */
    uint64_t began, ended; /* CLOCK_MONOTONIC, nanoseconds */
};
enum { CHANNEL_SPANS = 64 };

/* At most CHANNEL_SPANS; more are left out. */
fallible channel_send_spans(int channel, const struct channel_span *spans, uint32_t count);

/* Says that nothing more will go wrong: the end-of-file that follows is no death. */
fallible channel_send_farewell(int channel);

/* Waits until the peer closes its end: OK after its farewell, the error it sent, or
 * ERROR_INIT_DIED. SPANS, room for CHANNEL_SPANS or NULL, gets the spans it sent, and COUNT how
 * many (also when an error came behind them; 0 if none came).  It sends spans at most once, and
 * before its farewell. */
fallible channel_hear_end(int channel, struct channel_span *spans, uint32_t *count);

/* What the bridge says: PID, the process that it has borne, or 0, that its namespaces wait to be
 * prepared.  Heard by the host, which gets the bridge's error in its place, or ERROR_INIT_DIED. */
fallible channel_send_ready(int channel, pid_t pid);
fallible channel_hear_ready(int channel, pid_t *pid);

/* One byte that releases a child which waits before its exec. */
fallible channel_release(int channel);

/* Waits for that byte; false at end-of-file or on any fault.  Raw system calls only. */
bool channel_await_release(int channel);
