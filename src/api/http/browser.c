/* Compares the headers Host, Origin and Sec-Fetch-Site. */
#include "api/http/browser.h"

#include <string.h>
#include <strings.h>

#include "api/http/problem.h"
#include "api/http/request_checks.h"

const char *browser_allowed_origin(const struct conf_list *origins, const char *origin)
{
    for (size_t i = 0; origin && i < origins->count; i++) {
        if (strcmp(origins->item[i], "*") == 0 || strcasecmp(origins->item[i], origin) == 0)
            return origin;
    }
    return NULL;
}

bool browser_names_origin(const struct http_head *head)
{
    return head->origin || head->fetch_site;
}

/* Returns the part of an origin after "http://" or "https://": its host and port. */
static const char *browser_skip_scheme(const char *origin)
{
    const char *colon = strstr(origin, "://");
    return colon ? colon + 3 : origin;
}

/* Returns the length of the name in "name", "name:port" or "[address]:port". */
static size_t browser_host_length(const char *host)
{
    return *host == '[' ? strcspn(host, "]") : strcspn(host, ":");
}

/* True for an address, for localhost, and for the host of an allowed origin. A browser resolves no
 * name that consists of digits and dots. */
static bool browser_may_use_host(const struct conf_list *origins, const char *host)
{
    static const char local[] = "localhost";
    size_t len = browser_host_length(host);
    if (*host == '[' || (len > 0 && strspn(host, "0123456789.") >= len) ||
        (len == sizeof local - 1 && strncasecmp(host, local, len) == 0))
        return true;
    for (size_t i = 0; i < origins->count; i++) {
        const char *allowed = browser_skip_scheme(origins->item[i]);
        if (strcmp(allowed, "*") == 0 ||
            (browser_host_length(allowed) == len && strncasecmp(allowed, host, len) == 0))
            return true;
    }
    return false;
}

/* A browser sends neither Origin nor Sec-Fetch-Site when a page reads from its own server without
 * TLS. It always sends Accept-Language, which a page can change but not leave out. */
bool browser_check_host(const struct conf_list *origins, const struct http_head *head,
                        struct response *response)
{
    static const char agent[] = "Mozilla/";
    bool is_browser =
        browser_names_origin(head) || head->accept_language ||
        (head->user_agent && strncasecmp(head->user_agent, agent, sizeof agent - 1) == 0);
    if (!is_browser || !head->host || browser_may_use_host(origins, head->host))
        return true;
    problem_respond(response, 403,
                    "A browser asks for the server \"%.100s\", a name that this server does not "
                    "know. Any site could use such a name, as no token is needed here. Open the "
                    "page by its IP address or as localhost, add http://%.100s to [api] "
                    "cors_origins, or create a token (tagferry-api token add).",
                    head->host, head->host);
    return false;
}

/* True when Host is the host and port of the origin, or has the port that the scheme implies in
 * addition, as some proxies write it. */
static bool browser_is_own_origin(const char *origin, const char *host)
{
    const char *own = browser_skip_scheme(origin);
    size_t len = strlen(own);
    if (own == origin || !host || strncasecmp(host, own, len) != 0)
        return false;
    const char *implied = strncasecmp(origin, "https:", 6) == 0 ? ":443" : ":80";
    return host[len] == '\0' || strcmp(host + len, implied) == 0;
}

/* Sec-Fetch-Site, which newer browsers send over TLS and to loopback, is the browser's own word,
 * and right even if a proxy has replaced Host. */
bool browser_check_change(const struct conf_list *origins, const struct http_head *head,
                          struct response *response)
{
    if (!browser_names_origin(head) || browser_allowed_origin(origins, head->origin))
        return true;
    bool is_own = head->fetch_site ? strcasecmp(head->fetch_site, "same-origin") == 0 ||
                                         strcasecmp(head->fetch_site, "none") == 0
                                   : browser_is_own_origin(head->origin, head->host);
    if (!is_own) {
        problem_respond(response, 403,
                        "Only pages of this server (\"%.100s\") and of [api] cors_origins may "
                        "change something, and the browser says that a page of %.100s sent this "
                        "request. Behind a proxy, pass the header Host on as the browser sent it.",
                        head->host ? head->host : "", head->origin ? head->origin : "another site");
        return false;
    }
    if (head->requested_with)
        return true;
    problem_respond(response, 403,
                    "A browser's request that changes something needs the header "
                    "\"X-Requested-With: tagferry\", which a form of another site cannot send.");
    return false;
}
