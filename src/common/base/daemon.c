/* Command line, signals and the service manager, for all three daemons. */
#include "common/base/daemon.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/require.h"
#include "common/base/time_slice.h"

static const char default_file[] = "/etc/tagferry/tagferry.conf";

enum { OPTION_CHECK = 256, OPTION_PRINT, OPTION_VERSION };

static const struct option long_options[] = {
    {"config", required_argument, NULL, 'c'},
    {"option", required_argument, NULL, 'o'},
    {"check-config", no_argument, NULL, OPTION_CHECK},
    {"print-config", no_argument, NULL, OPTION_PRINT},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static void daemon_print_help(const struct daemon_spec *spec)
{
    printf("%s: %s\n\n"
           "Usage: %s [options]%s%s\n\n"
           "  -c, --config FILE               read FILE instead of %s\n"
           "  -o, --option SECTION.KEY=VALUE  set one option; it overrides file and environment\n"
           "      --check-config              check the configuration and exit\n"
           "      --print-config              print the configuration that is used and exit\n"
           "      --version                   print the version and exit\n"
           "  -h, --help                      print this help and exit\n\n"
           "Options, for the file, for -o, or as TAGFERRY_SECTION_KEY in the environment:\n",
           spec->name, spec->summary, spec->name, spec->usage ? " " : "",
           spec->usage ? spec->usage : "", default_file);
    for (size_t i = 0; i < spec->table_count; i++) {
        for (size_t j = 0; j < spec->tables[i].count; j++) {
            const struct conf_option *row = &spec->tables[i].rows[j];
            printf("  %s.%s=%s\n      %s%s", row->section, row->key, row->fallback, row->help,
                   row->reload ? " A reload is enough." : "");
            if (row->min < row->max)
                printf(" (%lld to %lld)", (long long)row->min, (long long)row->max);
            printf("\n");
        }
    }
}

/* The flags, collected before the sources are read. */
struct daemon_flags {
    const char *file;
    bool check, print;
    char **assignments; /* values of -o, in order; they point into argv */
    size_t assignment_count;
};

static int daemon_read_flags(const struct daemon_spec *spec, int argc, char **argv,
                             struct daemon_flags *flags)
{
    int c;
    while ((c = getopt_long(argc, argv, "+c:o:h", long_options, NULL)) != -1) {
        switch (c) {
        case 'c':
            flags->file = optarg;
            break;
        case 'o':
            REQUIRE(flags->assignment_count < (size_t)argc);
            flags->assignments[flags->assignment_count++] = optarg;
            break;
        case OPTION_CHECK:
            flags->check = true;
            break;
        case OPTION_PRINT:
            flags->print = true;
            break;
        case OPTION_VERSION:
            printf("%s %s\n", spec->name, TAGFERRY_VERSION);
            return DAEMON_EXIT_OK;
        case 'h':
            daemon_print_help(spec);
            return DAEMON_EXIT_OK;
        default:
            fprintf(stderr, "Try %s --help.\n", spec->name);
            return DAEMON_EXIT_CONFIG;
        }
    }
    if (optind < argc && !spec->usage) {
        fprintf(stderr, "%s: unexpected \"%s\". Try --help.\n", spec->name, argv[optind]);
        return DAEMON_EXIT_CONFIG;
    }
    return DAEMON_RUN;
}

static bool daemon_read_sources(struct conf *conf, const struct daemon_flags *flags,
                                bool must_exist)
{
    const char *file = flags->file ? flags->file : default_file;
    bool ok = conf_read_file(conf, file, must_exist || flags->file, stderr);
    ok = conf_read_environment(conf, environ, stderr) && ok;
    for (size_t i = 0; i < flags->assignment_count; i++)
        ok = conf_set_option(conf, flags->assignments[i], stderr) && ok;
    return ok;
}

int daemon_configure(const struct daemon_spec *spec, int argc, char **argv, struct conf *conf,
                     void *settings, int *first_operand)
{
    REQUIRE(spec->name && spec->tables && spec->table_count > 0);
    setlocale(LC_ALL, "C");
    struct daemon_flags flags = {.assignments = calloc((size_t)argc + 1, sizeof(char *))};
    char why[DAEMON_WHY_SIZE] = "";
    int status = DAEMON_EXIT_FAILURE;
    if (!flags.assignments || !conf_init(conf, spec->tables, spec->table_count)) {
        fprintf(stderr, "%s: out of memory\n", spec->name);
        goto done;
    }
    status = daemon_read_flags(spec, argc, argv, &flags);
    if (status != DAEMON_RUN)
        goto done;
    bool read = daemon_read_sources(conf, &flags, false);
    if (!conf_apply_settings(conf, settings, stderr) || !read) {
        status = DAEMON_EXIT_CONFIG;
    } else if (flags.print) {
        conf_print_settings(conf, stdout);
        status = DAEMON_EXIT_OK;
    } else if (flags.check && spec->check && !spec->check(settings, why)) {
        fprintf(stderr, "%s: %s\n", spec->name, why);
        status = DAEMON_EXIT_CONFIG;
    } else if (flags.check) {
        if (spec->explain)
            spec->explain(settings, stdout);
        status = DAEMON_EXIT_OK;
    }
    *first_operand = optind;
    if (status != DAEMON_EXIT_CONFIG)
        log_open((enum log_level)((const struct common_settings *)settings)->log_level);
done:
    free(flags.assignments);
    return status;
}

bool daemon_reconfigure(const struct daemon_spec *spec, int argc, char **argv,
                        const struct conf *old, struct conf *conf, void *settings)
{
    struct daemon_flags flags = {.assignments = calloc((size_t)argc + 1, sizeof(char *))};
    bool ok = flags.assignments && conf_init(conf, spec->tables, spec->table_count);
    if (!ok)
        fprintf(stderr, "%s: out of memory\n", spec->name);
    optind = 0; /* getopt starts over */
    ok = ok && daemon_read_flags(spec, argc, argv, &flags) == DAEMON_RUN;
    ok = ok && daemon_read_sources(conf, &flags, old->has_file);
    ok = ok && conf_apply_settings(conf, settings, stderr);
    free(flags.assignments);
    return ok;
}

int daemon_open_signals(void)
{
    sigset_t set;
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return -1;
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

int daemon_read_signal(int fd)
{
    struct signalfd_siginfo info;
    if (read(fd, &info, sizeof info) != (ssize_t)sizeof info)
        return 0;
    return (int)info.ssi_signo;
}

size_t daemon_reserve_descriptors(size_t wanted)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return wanted;
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        limit.rlim_cur = before;
    if (limit.rlim_cur < wanted)
        log_warning("only %llu file descriptors are allowed, too few for max_connections",
                    (unsigned long long)limit.rlim_cur);
    return (size_t)limit.rlim_cur;
}

void daemon_raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        log_warning("cannot raise the limit of open descriptors: %s", strerror(errno));
}

void daemon_shorten_time_slice(void)
{
    if (!time_slice_shorten())
        log_info("values may wait longer for the processor beside other load: %s", strerror(errno));
}

bool daemon_make_folder(const char *path)
{
    char part[PATH_MAX];
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof part) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(part, path, len + 1);
    for (size_t i = 1; i <= len; i++) {
        if (part[i] != '/' && part[i] != '\0')
            continue;
        part[i] = '\0';
        if (mkdir(part, 0750) != 0 && errno != EEXIST)
            return false;
        part[i] = path[i];
    }
    return true;
}

/* The service manager does not know yet that the daemon is ready: without that, it ends the daemon
 * after a while. Only the main thread sends notices. */
static bool ready_is_owed;

/* Implements the part of sd_notify that the daemons need: libsystemd and its dependencies take a
 * megabyte of memory. False if there is a service manager, and it did not get the notice. */
static bool daemon_send_notice(const char *text)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t len = path ? strlen(path) : 0;
    if (len == 0 || len >= sizeof to.sun_path)
        return true;
    memcpy(to.sun_path, path, len);
    if (to.sun_path[0] == '@')
        to.sun_path[0] = '\0'; /* an abstract address begins with NUL */
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    bool sent =
        fd >= 0 && sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&to, size) >= 0;
    if (!sent)
        log_debug("cannot notify the service manager: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    return sent;
}

__attribute__((format(printf, 2, 0))) static bool
daemon_notify_state(const char *state, const char *format, va_list args)
{
    char words[256], text[288];
    vsnprintf(words, sizeof words, format, args);
    snprintf(text, sizeof text, "%sSTATUS=%s", state, words);
    return daemon_send_notice(text);
}

void daemon_notify_ready(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    ready_is_owed = !daemon_notify_state("READY=1\n", format, args);
    va_end(args);
}

void daemon_notify_status(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    daemon_notify_state("", format, args);
    va_end(args);
}

void daemon_notify_stopping(void)
{
    daemon_send_notice("STOPPING=1");
}

void daemon_feed_watchdog(void)
{
    if (ready_is_owed)
        ready_is_owed = !daemon_send_notice("READY=1");
    daemon_send_notice("WATCHDOG=1");
}

uint64_t daemon_watchdog_ms(void)
{
    const char *us = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    bool ours = !pid || strtoll(pid, NULL, 10) == getpid();
    return us && ours ? strtoull(us, NULL, 10) / 1000 : 0;
}
