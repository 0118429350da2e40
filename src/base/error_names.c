/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words for codes and errno; part of `tare` alone.
 *
 * The words are our own and not strerror()'s: engines sort failures by searching the text for the
 * libc's phrases, and must find those only where the user's executable or cwd is meant.
 */
#include "base/error_names.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/list.h"
#include "base/text.h"

enum { STATUS_FAILED = 1, STATUS_MISSING = 127, STATUS_REFUSED = 126, STATUS_USAGE = 64 };

// clang-format off
static const char *const codes[ERROR_CODES] = {
    [ERROR_NONE]               = "E-NONE",
    [ERROR_SYSTEM]             = "E-SYSTEM",
    [ERROR_MEMORY]             = "E-MEMORY",
    [ERROR_USAGE]              = "E-USAGE",
    [ERROR_SYNTAX]             = "E-SYNTAX",
    [ERROR_CONFIG]             = "E-CONFIG",
    [ERROR_UNSUPPORTED]        = "E-UNSUPPORTED",
    [ERROR_BUNDLE]             = "E-BUNDLE",
    [ERROR_ID]                 = "E-ID",
    [ERROR_EXISTS]             = "E-EXISTS",
    [ERROR_UNKNOWN]            = "E-UNKNOWN",
    [ERROR_STATE]              = "E-STATE",
    [ERROR_RECORD]             = "E-RECORD",
    [ERROR_EXECUTABLE_MISSING] = "E-EXECUTABLE-MISSING",
    [ERROR_EXECUTABLE_REFUSED] = "E-EXECUTABLE-REFUSED",
    [ERROR_CWD]                = "E-CWD",
    [ERROR_PATH]               = "E-PATH",
    [ERROR_MOUNT]              = "E-MOUNT",
    [ERROR_CGROUP]             = "E-CGROUP",
    [ERROR_CONTROLLER]         = "E-CONTROLLER",
    [ERROR_READ_BACK]          = "E-READ-BACK",
    [ERROR_PROTOCOL]           = "E-PROTOCOL",
    [ERROR_INIT_DIED]          = "E-INIT-DIED",
    [ERROR_TIMEOUT]            = "E-TIMEOUT",
    [ERROR_FROZEN]             = "E-FROZEN",
    [ERROR_PROGRAM]            = "E-PROGRAM",
    [ERROR_INTERRUPTED]        = "E-INTERRUPTED",
};

static const char *const calls[ERROR_CALLS] = {
    [CALL_NONE]              = "",
    [CALL_BPF]               = "bpf",
    [CALL_CHOWN]             = "fchownat",
    [CALL_CHROOT]            = "chroot",
    [CALL_CLONE]             = "clone",
    [CALL_EXECVE]            = "execve",
    [CALL_FSMOUNT]           = "fsmount",
    [CALL_IOCTL]             = "ioctl",
    [CALL_KEYCTL]            = "keyctl",
    [CALL_MKDIR]             = "mkdirat",
    [CALL_MKNOD]             = "mknodat",
    [CALL_MOUNT]             = "mount",
    [CALL_MOUNT_SETATTR]     = "mount_setattr",
    [CALL_MOVE_MOUNT]        = "move_mount",
    [CALL_OPEN]              = "openat",
    [CALL_OPEN_TREE]         = "open_tree",
    [CALL_PIDFD_SEND_SIGNAL] = "pidfd_send_signal",
    [CALL_PIVOT_ROOT]        = "pivot_root",
    [CALL_PRCTL]             = "prctl",
    [CALL_PRLIMIT]           = "prlimit64",
    [CALL_PTRACE]            = "ptrace",
    [CALL_SENDTO]            = "sendto",
    [CALL_SETGROUPS]         = "setgroups",
    [CALL_SETHOSTNAME]       = "sethostname",
    [CALL_SETNS]             = "setns",
    [CALL_SETRESGID]         = "setresgid",
    [CALL_SETRESUID]         = "setresuid",
    [CALL_UMOUNT]            = "umount2",
    [CALL_UNSHARE]           = "unshare",
    [CALL_WRITE]             = "write",
};

#define ROW(symbol, words) [symbol] = words " (" #symbol ")"

static const char *const numbers[] = {
    ROW(EPERM,           "not permitted"),
    ROW(ENOENT,          "not found"),
    ROW(ESRCH,           "process is gone"),
    ROW(EINTR,           "interrupted"),
    ROW(EIO,             "input or output failed"),
    ROW(ENXIO,           "no device behind it"),
    ROW(E2BIG,           "argument list too long"),
    ROW(ENOEXEC,         "not an executable format"),
    ROW(EBADF,           "bad descriptor"),
    ROW(ECHILD,          "no child"),
    ROW(EAGAIN,          "temporarily unavailable"),
    ROW(ENOMEM,          "out of memory"),
    ROW(EACCES,          "access refused"),
    ROW(EFAULT,          "bad address"),
    ROW(ENOTBLK,         "no block device"),
    ROW(EBUSY,           "busy"),
    ROW(EEXIST,          "exists already"),
    ROW(EXDEV,           "crosses to another filesystem"),
    ROW(ENODEV,          "no such device"),
    ROW(ENOTDIR,         "no directory"),
    ROW(EISDIR,          "directory where none may be"),
    ROW(EINVAL,          "invalid argument"),
    ROW(ENFILE,          "too many open files in the system"),
    ROW(EMFILE,          "too many open files"),
    ROW(ENOTTY,          "no terminal"),
    ROW(ETXTBSY,         "program file is open for writing"),
    ROW(EFBIG,           "file too large"),
    ROW(ENOSPC,          "no space left"),
    ROW(ESPIPE,          "cannot seek"),
    ROW(EROFS,           "read-only filesystem"),
    ROW(EMLINK,          "too many links"),
    ROW(EPIPE,           "the other end is closed"),
    ROW(EDOM,            "outside of the domain"),
    ROW(ERANGE,          "result out of range"),
    ROW(EDEADLK,         "would deadlock"),
    ROW(ENAMETOOLONG,    "name too long"),
    ROW(ENOLCK,          "no locks available"),
    ROW(ENOSYS,          "unknown to this kernel"),
    ROW(ENOTEMPTY,       "not empty"),
    ROW(ELOOP,           "too many symbolic links"),
    ROW(ENOMSG,          "no such message"),
    ROW(EIDRM,           "identifier removed"),
    ROW(ECHRNG,          "channel number out of range"),
    ROW(EL2NSYNC,        "level 2 not synchronized"),
    ROW(EL3HLT,          "level 3 halted"),
    ROW(EL3RST,          "level 3 reset"),
    ROW(ELNRNG,          "link number out of range"),
    ROW(EUNATCH,         "protocol driver not attached"),
    ROW(ENOCSI,          "no CSI structure available"),
    ROW(EL2HLT,          "level 2 halted"),
    ROW(EBADE,           "bad exchange"),
    ROW(EBADR,           "bad request descriptor"),
    ROW(EXFULL,          "exchange full"),
    ROW(ENOANO,          "no anode"),
    ROW(EBADRQC,         "bad request code"),
    ROW(EBADSLT,         "bad slot"),
    ROW(EBFONT,          "bad font file"),
    ROW(ENOSTR,          "no stream"),
    ROW(ENODATA,         "no data available"),
    ROW(ETIME,           "timer expired"),
    ROW(ENOSR,           "out of streams"),
    ROW(ENONET,          "machine is not on the network"),
    ROW(ENOPKG,          "package not installed"),
    ROW(EREMOTE,         "object is remote"),
    ROW(ENOLINK,         "link severed"),
    ROW(EADV,            "advertise error"),
    ROW(ESRMNT,          "srmount error"),
    ROW(ECOMM,           "sending failed"),
    ROW(EPROTO,          "protocol error"),
    ROW(EMULTIHOP,       "multihop attempted"),
    ROW(EDOTDOT,         "RFS error"),
    ROW(EBADMSG,         "bad message"),
    ROW(EOVERFLOW,       "value too large"),
    ROW(ENOTUNIQ,        "name is not unique"),
    ROW(EBADFD,          "descriptor in a bad state"),
    ROW(EREMCHG,         "remote address changed"),
    ROW(ELIBACC,         "shared library cannot be reached"),
    ROW(ELIBBAD,         "shared library is corrupted"),
    ROW(ELIBSCN,         ".lib section is corrupted"),
    ROW(ELIBMAX,         "too many shared libraries"),
    ROW(ELIBEXEC,        "shared library cannot be executed"),
    ROW(EILSEQ,          "invalid byte sequence"),
    ROW(ERESTART,        "interrupted, to be restarted"),
    ROW(ESTRPIPE,        "stream pipe error"),
    ROW(EUSERS,          "too many users"),
    ROW(ENOTSOCK,        "no socket"),
    ROW(EDESTADDRREQ,    "destination address required"),
    ROW(EMSGSIZE,        "message too long"),
    ROW(EPROTOTYPE,      "wrong protocol for the socket"),
    ROW(ENOPROTOOPT,     "protocol option not available"),
    ROW(EPROTONOSUPPORT, "protocol not supported"),
    ROW(ESOCKTNOSUPPORT, "socket type not supported"),
    ROW(EOPNOTSUPP,      "not supported"),
    ROW(EPFNOSUPPORT,    "protocol family not supported"),
    ROW(EAFNOSUPPORT,    "address family not supported"),
    ROW(EADDRINUSE,      "address in use"),
    ROW(EADDRNOTAVAIL,   "address not available"),
    ROW(ENETDOWN,        "network is down"),
    ROW(ENETUNREACH,     "network is unreachable"),
    ROW(ENETRESET,       "network dropped the connection"),
    ROW(ECONNABORTED,    "connection aborted"),
    ROW(ECONNRESET,      "connection reset"),
    ROW(ENOBUFS,         "no buffer space"),
    ROW(EISCONN,         "connected already"),
    ROW(ENOTCONN,        "not connected"),
    ROW(ESHUTDOWN,       "shut down already"),
    ROW(ETOOMANYREFS,    "too many references"),
    ROW(ETIMEDOUT,       "timed out"),
    ROW(ECONNREFUSED,    "connection refused"),
    ROW(EHOSTDOWN,       "host is down"),
    ROW(EHOSTUNREACH,    "host is unreachable"),
    ROW(EALREADY,        "under way already"),
    ROW(EINPROGRESS,     "now in progress"),
    ROW(ESTALE,          "stale file handle"),
    ROW(EUCLEAN,         "structure needs cleaning"),
    ROW(ENOTNAM,         "no XENIX named file"),
    ROW(ENAVAIL,         "no XENIX semaphores available"),
    ROW(EISNAM,          "a named file"),
    ROW(EREMOTEIO,       "remote input or output failed"),
    ROW(EDQUOT,          "quota exceeded"),
    ROW(ENOMEDIUM,       "no medium"),
    ROW(EMEDIUMTYPE,     "wrong medium type"),
    ROW(ECANCELED,       "cancelled"),
    ROW(ENOKEY,          "key not available"),
    ROW(EKEYEXPIRED,     "key expired"),
    ROW(EKEYREVOKED,     "key revoked"),
    ROW(EKEYREJECTED,    "key rejected"),
    ROW(EOWNERDEAD,      "owner died"),
    ROW(ENOTRECOVERABLE, "state cannot be recovered"),
    ROW(ERFKILL,         "switched off by RF-kill"),
    ROW(EHWPOISON,       "memory page has a hardware fault"),
};
// clang-format on

const char *error_code_name(enum error_code code)
{
    return (unsigned) code < LENGTH(codes) ? codes[code] : codes[ERROR_NONE];
}

const char *error_call_name(enum error_call call)
{
    return (unsigned) call < LENGTH(calls) ? calls[call] : "";
}

const char *error_number_words(int number)
{
    static char unknown[sizeof("errno -2147483648")];

    if (number > 0 && (size_t) number < LENGTH(numbers) && numbers[number])
        return numbers[number];
    text_format(unknown, sizeof(unknown), "errno %d", number);
    return unknown;
}

const char *error_number_symbol(int number)
{
    static char symbol[sizeof("ENOTRECOVERABLE")];
    const char *open = number ? strchr(error_number_words(number), '(') : NULL;

    if (!open)
        return "";
    text_format(symbol, sizeof(symbol), "%.*s", (int) strcspn(open + 1, ")"), open + 1);
    return symbol;
}

int error_symbol_number(const char *symbol)
{
    for (size_t i = 1; i < LENGTH(numbers); i++)
        if (numbers[i] && strcasecmp(error_number_symbol((int) i), symbol) == 0)
            return (int) i;
    return 0;
}

size_t error_print(const struct error *error, char *line, size_t size)
{
    if (size == 0)
        return 0;

    size_t length = error->number ? text_format(line, size, "%s: %s", error->text,
                                                error_number_words(error->number))
                                  : text_format(line, size, "%s", error->text);
    return length < size ? length : size - 1;
}

const char *error_line(const struct error *error)
{
    static char line[ERROR_TEXT_SIZE];

    error_print(error, line, sizeof(line));
    return line;
}

int error_status(const struct error *error, int otherwise)
{
    switch (error->code) {
    case ERROR_EXECUTABLE_MISSING:
        return STATUS_MISSING;
    case ERROR_EXECUTABLE_REFUSED:
        return STATUS_REFUSED;
    case ERROR_USAGE:
        return STATUS_USAGE;
    case ERROR_ID:
    case ERROR_UNKNOWN:
    case ERROR_STATE:
        return STATUS_FAILED;
    default:
        return otherwise;
    }
}
