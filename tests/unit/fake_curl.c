#define CURL_DISABLE_TYPECHECK
#include "fake_curl.h"

#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#undef curl_easy_setopt
#undef curl_easy_getinfo

enum { ANSWERS_MAX = 200, OPTIONS_MAX = 40, REQUESTS_MAX = 500 };
/* 2026-01-02T03:04:05.250Z */
#define FAKE_WALL_MS   INT64_C(1767323045250)
#define FAKE_STEADY_MS INT64_C(5000000)

static struct fake_answer answers[ANSWERS_MAX];
static size_t answer_count;
static FILE *requests;
static char *requests_text;
static size_t requests_len, request_count;
static bool is_verbose;
static struct fake_terminal terminal;
static int64_t passed_ms;
static int handles;

/* The easy handle: its options. There is one at a time that works. */
struct fake_easy {
    struct {
        CURLoption option;
        long number;
        void *pointer;
    } options[OPTIONS_MAX];
    size_t option_count;
    const struct fake_answer *answer; /* of the newest request */
    struct fake_answer given;
};
struct fake_multi {
    struct fake_easy *easy;
    const char *at; /* the rest of the body of a stream */
    bool has_begun;
    CURLMsg message;
};

static char *fake_copy_body(const struct fake_answer *answer)
{
    char *copy = malloc(answer->len + 1);
    if (!copy)
        abort();
    memcpy(copy, answer->body, answer->len);
    copy[answer->len] = '\0';
    return copy;
}

void fake_add_answer(const struct fake_answer *answer)
{
    if (answer_count == ANSWERS_MAX)
        abort();
    answers[answer_count] = *answer;
    answers[answer_count++].body = fake_copy_body(answer);
}

static void fake_drop_answer(size_t at)
{
    free(answers[at].body);
    memmove(&answers[at], &answers[at + 1], (--answer_count - at) * sizeof *answers);
}

void fake_set_answer(const struct fake_answer *answer)
{
    for (size_t i = answer_count; i-- > 0;) {
        if (strcmp(answers[i].key, answer->key) == 0)
            fake_drop_answer(i);
    }
    fake_add_answer(answer);
}

void fake_forget_answers(void)
{
    while (answer_count > 0)
        fake_drop_answer(answer_count - 1);
}

void fake_be_verbose(bool verbose)
{
    is_verbose = verbose;
}

void fake_set_terminal(const struct fake_terminal *new_terminal)
{
    terminal = *new_terminal;
}

void fake_reset_clocks(void)
{
    passed_ms = 0;
}

bool fake_is_idle(void)
{
    return handles == 0;
}

__attribute__((format(printf, 1, 2))) static void fake_note(const char *format, ...)
{
    va_list args;
    if (!requests)
        requests = open_memstream(&requests_text, &requests_len);
    if (request_count++ > REQUESTS_MAX) { /* a loop without an end */
        fputs("there are too many requests\n", stderr);
        _exit(1);
    }
    va_start(args, format);
    vfprintf(requests, format, args);
    va_end(args);
}

char *fake_take_requests(void)
{
    if (!requests)
        return strdup("");
    fclose(requests);
    requests = NULL;
    request_count = 0;
    return requests_text;
}

static void *fake_find_option(const struct fake_easy *easy, CURLoption option, long *number)
{
    for (size_t i = 0; i < easy->option_count; i++) {
        if (easy->options[i].option == option) {
            if (number)
                *number = easy->options[i].number;
            return easy->options[i].pointer;
        }
    }
    return NULL;
}

static const char *fake_header(const struct fake_easy *easy, const char *name)
{
    const struct curl_slist *one = fake_find_option(easy, CURLOPT_HTTPHEADER, NULL);
    size_t len = strlen(name);
    for (; one; one = one->next) {
        if (strncmp(one->data, name, len) == 0 && strncmp(one->data + len, ": ", 2) == 0)
            return one->data + len + 2;
    }
    return NULL;
}

static void fake_note_options(const struct fake_easy *easy)
{
    static const struct {
        CURLoption option;
        const char *name;
    } names[] = {{CURLOPT_URL, "url"},
                 {CURLOPT_PROTOCOLS_STR, "protocols"},
                 {CURLOPT_PATH_AS_IS, "path as is"},
                 {CURLOPT_NOSIGNAL, "no signal"},
                 {CURLOPT_ACCEPT_ENCODING, "encoding"},
                 {CURLOPT_CONNECTTIMEOUT_MS, "connect ms"},
                 {CURLOPT_LOW_SPEED_LIMIT, "low speed"},
                 {CURLOPT_LOW_SPEED_TIME, "low speed s"},
                 {CURLOPT_SSLVERSION, "tls"},
                 {CURLOPT_CAINFO, "ca file"},
                 {CURLOPT_CAPATH, "ca folder"},
                 {CURLOPT_CUSTOMREQUEST, "method"},
                 {CURLOPT_POSTFIELDSIZE_LARGE, "bytes"},
                 {CURLOPT_NOPROGRESS, "no progress"}};
    for (size_t i = 0; i < easy->option_count; i++) {
        for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
            if (easy->options[i].option != names[n].option)
                continue;
            if (easy->options[i].option / 10000 * 10000 == CURLOPTTYPE_OBJECTPOINT)
                fake_note(">   %s: %s\n", names[n].name,
                          easy->options[i].pointer ? (const char *)easy->options[i].pointer
                                                   : "(none)");
            else
                fake_note(">   %s: %ld\n", names[n].name, easy->options[i].number);
        }
    }
    const struct curl_slist *one = fake_find_option(easy, CURLOPT_HTTPHEADER, NULL);
    for (; one; one = one->next)
        fake_note(">   header %s\n", one->data);
}

/* Notes the request, and finds its answer. */
static void fake_request(struct fake_easy *easy)
{
    const char *url = fake_find_option(easy, CURLOPT_URL, NULL);
    const char *method = fake_find_option(easy, CURLOPT_CUSTOMREQUEST, NULL);
    const char *body = fake_find_option(easy, CURLOPT_POSTFIELDS, NULL);
    static const char *const shown[] = {"If-Match", "Authorization"};
    static const char *const usual[] = {"Accept", "Content-Type"};
    long len = 0, no_progress = 1;
    fake_find_option(easy, CURLOPT_POSTFIELDSIZE_LARGE, &len);
    method = method ? method : body ? "POST" : "GET";
    const char *path = strstr(url, "/api/v1");
    path = path ? path + 7 : strchr(strstr(url, "://") + 3, '/');
    fake_note("> %s %s", method, path);
    for (size_t i = 0; i < 2; i++) {
        const char *value = fake_header(easy, shown[i]), *other = fake_header(easy, usual[i]);
        if (value)
            fake_note(" [%s: %s]", shown[i], value);
        if (other && strcmp(other, "application/json") != 0)
            fake_note(" [%s: %s]", usual[i], other);
    }
    fake_note("%s%.*s\n", body ? " <- " : "", (int)len, body ? body : "");
    if (is_verbose)
        fake_note_options(easy);
    fake_find_option(easy, CURLOPT_NOPROGRESS, &no_progress);
    curl_xferinfo_callback progress =
        (curl_xferinfo_callback)(uintptr_t)fake_find_option(easy, CURLOPT_XFERINFOFUNCTION, NULL);
    for (long step = 0; no_progress == 0 && step <= 6; step++) {
        passed_ms += 150;
        progress(fake_find_option(easy, CURLOPT_XFERINFODATA, NULL), 0, 0, len,
                 step < 5 ? len * step / 4 < len ? len * step / 4 : len : len);
    }
    char key[256];
    snprintf(key, sizeof key, "%s %s", method, path);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < answer_count; i++) {
            if (strcmp(answers[i].key, key) != 0)
                continue;
            easy->given = answers[i];
            easy->given.body = fake_copy_body(&answers[i]);
            for (size_t later = i + 1; later < answer_count; later++) {
                if (strcmp(answers[later].key, key) == 0) { /* the last one stays */
                    fake_drop_answer(i);
                    break;
                }
            }
            return;
        }
        key[strcspn(key, "?")] = '\0';
    }
    easy->given = (struct fake_answer){.status = 404, .type = "application/problem+json"};
    easy->given.body = strdup("{\"status\":404,\"detail\":\"it is not there\"}");
    easy->given.len = strlen(easy->given.body);
}

static void fake_give_header(const struct fake_easy *easy, const char *name, const char *value)
{
    char line[256];
    curl_write_callback take =
        (curl_write_callback)(uintptr_t)fake_find_option(easy, CURLOPT_HEADERFUNCTION, NULL);
    int len = snprintf(line, sizeof line, "%s: %s\r\n", name, value);
    if (take && value[0])
        take(line, 1, (size_t)len, fake_find_option(easy, CURLOPT_HEADERDATA, NULL));
}

static CURLcode fake_give_bytes(const struct fake_easy *easy, const char *bytes, size_t len)
{
    curl_write_callback take =
        (curl_write_callback)(uintptr_t)fake_find_option(easy, CURLOPT_WRITEFUNCTION, NULL);
    void *context = fake_find_option(easy, CURLOPT_WRITEDATA, NULL);
    for (size_t at = 0; at < len; at += 1000) {
        size_t part = len - at < 1000 ? len - at : 1000;
        if (take((char *)(uintptr_t)(bytes + at), 1, part, context) != part)
            return CURLE_WRITE_ERROR;
    }
    return CURLE_OK;
}

static CURLcode fake_end(const struct fake_easy *easy)
{
    char *reason = fake_find_option(easy, CURLOPT_ERRORBUFFER, NULL);
    if (easy->given.code != 0 && reason)
        snprintf(reason, CURL_ERROR_SIZE, "%s", easy->given.reason);
    return (CURLcode)easy->given.code;
}

/* libcurl */
CURLcode __wrap_curl_global_init(long flags);
void __wrap_curl_global_cleanup(void);
CURL *__wrap_curl_easy_init(void);
void __wrap_curl_easy_reset(CURL *curl);
void __wrap_curl_easy_cleanup(CURL *curl);
CURLcode __wrap_curl_easy_setopt(CURL *curl, CURLoption option, ...);
CURLcode __wrap_curl_easy_perform(CURL *curl);
CURLcode __wrap_curl_easy_getinfo(CURL *curl, CURLINFO info, ...);
CURLM *__wrap_curl_multi_init(void);
CURLMcode __wrap_curl_multi_add_handle(CURLM *multi, CURL *curl);
CURLMcode __wrap_curl_multi_remove_handle(CURLM *multi, CURL *curl);
CURLMcode __wrap_curl_multi_cleanup(CURLM *multi);
CURLMcode __wrap_curl_multi_perform(CURLM *multi, int *running);
CURLMcode __wrap_curl_multi_poll(CURLM *multi, struct curl_waitfd *extra, unsigned count, int ms,
                                 int *ready);
CURLMsg *__wrap_curl_multi_info_read(CURLM *multi, int *left);

CURLcode __wrap_curl_global_init(long flags)
{
    handles++;
    return flags == CURL_GLOBAL_DEFAULT ? CURLE_OK : CURLE_FAILED_INIT;
}

void __wrap_curl_global_cleanup(void)
{
    handles--;
}

CURL *__wrap_curl_easy_init(void)
{
    handles++;
    return calloc(1, sizeof(struct fake_easy));
}

void __wrap_curl_easy_reset(CURL *curl)
{
    struct fake_easy *easy = curl;
    easy->option_count = 0;
    free(easy->given.body);
    easy->given.body = NULL;
}

void __wrap_curl_easy_cleanup(CURL *curl)
{
    handles--;
    __wrap_curl_easy_reset(curl);
    free(curl);
}

CURLcode __wrap_curl_easy_setopt(CURL *curl, CURLoption option, ...)
{
    struct fake_easy *easy = curl;
    va_list args;
    size_t i = 0;
    while (i < easy->option_count && easy->options[i].option != option)
        i++;
    if (i == OPTIONS_MAX)
        abort();
    easy->option_count += i == easy->option_count;
    easy->options[i].option = option;
    va_start(args, option);
    if (option < CURLOPTTYPE_OBJECTPOINT)
        easy->options[i].number = va_arg(args, long);
    else if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB)
        easy->options[i].number = (long)va_arg(args, curl_off_t);
    else
        easy->options[i].pointer = va_arg(args, void *);
    va_end(args);
    return CURLE_OK;
}

CURLcode __wrap_curl_easy_perform(CURL *curl)
{
    struct fake_easy *easy = curl;
    fake_request(easy);
    fake_give_header(easy, "DATE", easy->given.date);
    fake_give_header(easy, "Etag", easy->given.etag);
    CURLcode code = CURLE_OK;
    if (easy->given.status > 0)
        code = fake_give_bytes(easy, easy->given.body, easy->given.len);
    return code != CURLE_OK ? code : fake_end(easy);
}

CURLcode __wrap_curl_easy_getinfo(CURL *curl, CURLINFO info, ...)
{
    const struct fake_easy *easy = curl;
    va_list args;
    va_start(args, info);
    if (info == CURLINFO_RESPONSE_CODE)
        *va_arg(args, long *) = easy->given.status;
    else if (info == CURLINFO_CONTENT_TYPE)
        *va_arg(args, const char **) = easy->given.type[0] ? easy->given.type : NULL;
    else if (info == CURLINFO_REDIRECT_URL)
        *va_arg(args, const char **) = easy->given.location[0] ? easy->given.location : NULL;
    else
        abort();
    va_end(args);
    return CURLE_OK;
}

CURLM *__wrap_curl_multi_init(void)
{
    handles++;
    return calloc(1, sizeof(struct fake_multi));
}

CURLMcode __wrap_curl_multi_add_handle(CURLM *multi, CURL *curl)
{
    handles++;
    ((struct fake_multi *)multi)->easy = curl;
    return CURLM_OK;
}

CURLMcode __wrap_curl_multi_remove_handle(CURLM *multi, CURL *curl)
{
    handles -= ((struct fake_multi *)multi)->easy == curl;
    return CURLM_OK;
}

CURLMcode __wrap_curl_multi_cleanup(CURLM *multi)
{
    handles--;
    free(multi);
    return CURLM_OK;
}

/* Gives a part of the body each time. Behind the last one the user ends the program, if the answer
 * is a stream that does not end. */
CURLMcode __wrap_curl_multi_perform(CURLM *context, int *running)
{
    struct fake_multi *multi = context;
    struct fake_easy *easy = multi->easy;
    *running = 1;
    if (!multi->has_begun) {
        fake_request(easy);
        multi->at = easy->given.body;
        multi->has_begun = true;
    }
    if (*multi->at != '\0') {
        const char *end = strstr(multi->at, "\n~");
        size_t len = end ? (size_t)(end + 1 - multi->at) : strlen(multi->at);
        fake_give_bytes(easy, multi->at, len);
        multi->at += len;
        if (end) {
            passed_ms += strtol(multi->at + 1, NULL, 10);
            multi->at += strcspn(multi->at, "\n");
            multi->at += *multi->at == '\n';
        }
        return CURLM_OK;
    }
    if (easy->given.code == 0 && easy->given.status == 200 && !easy->given.location[0]) {
        raise(SIGINT);
        return CURLM_OK;
    }
    *running = 0;
    multi->message = (CURLMsg){.msg = CURLMSG_DONE, .easy_handle = easy};
    multi->message.data.result = fake_end(easy);
    return CURLM_OK;
}

CURLMcode __wrap_curl_multi_poll(CURLM *multi, struct curl_waitfd *extra, unsigned count, int ms,
                                 int *ready)
{
    (void)multi, (void)extra, (void)count;
    if (is_verbose)
        fake_note(">   polls %d ms\n", ms);
    *ready = 0;
    return CURLM_OK;
}

CURLMsg *__wrap_curl_multi_info_read(CURLM *multi, int *left)
{
    *left = 0;
    return &((struct fake_multi *)multi)->message;
}

/* Time. */
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
time_t __wrap_time(time_t *now);
int __wrap_nanosleep(const struct timespec *time, struct timespec *left);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    int64_t ms = (clock == CLOCK_REALTIME ? FAKE_WALL_MS : FAKE_STEADY_MS) + passed_ms;
    *now = (struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    return 0;
}

time_t __wrap_time(time_t *now)
{
    (void)now;
    return (FAKE_WALL_MS + passed_ms) / 1000;
}

int __wrap_nanosleep(const struct timespec *time, struct timespec *left)
{
    (void)left;
    long ms = time->tv_sec * 1000 + time->tv_nsec / 1000000;
    fake_note("> waits %ld ms\n", ms);
    passed_ms += ms;
    return 0;
}

/* The standard input can be read as long as it has bytes. */
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
    struct stat status;
    fds[0].revents = 0;
    if (count == 1 && fds[0].fd == STDIN_FILENO && fstat(0, &status) == 0 &&
        lseek(0, 0, SEEK_CUR) < status.st_size) {
        fds[0].revents = POLLIN;
        return 1;
    }
    passed_ms += timeout;
    if (timeout > 0)
        fake_note("> waits %d ms\n", timeout);
    return 0;
}

/* The terminal. */
int __wrap_isatty(int fd);
int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_tcgetattr(int fd, struct termios *settings);
int __wrap_tcsetattr(int fd, int when, const struct termios *settings);

int __wrap_isatty(int fd)
{
    return fd >= 0 && fd < 3 && terminal.is_terminal[fd];
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
    va_list args;
    va_start(args, request);
    struct winsize *size = va_arg(args, struct winsize *);
    va_end(args);
    if (fd != STDOUT_FILENO || request != TIOCGWINSZ || !terminal.is_terminal[1]) {
        errno = ENOTTY;
        return -1;
    }
    size->ws_col = (unsigned short)terminal.columns;
    size->ws_row = (unsigned short)terminal.lines;
    return 0;
}

int __wrap_tcgetattr(int fd, struct termios *settings)
{
    *settings = (struct termios){.c_lflag = ECHO | ICANON | ISIG};
    errno = ENOTTY;
    return __wrap_isatty(fd) ? 0 : -1;
}

int __wrap_tcsetattr(int fd, int when, const struct termios *settings)
{
    fake_note("> terminal %d: echo %s, lines %s, %s\n", fd, settings->c_lflag & ECHO ? "on" : "off",
              settings->c_lflag & ICANON ? "on" : "off",
              when == TCSAFLUSH ? "input dropped" : "input kept");
    return 0;
}
