/* What AddressSanitizer uses in the programs of a sanitized build, unless ASAN_OPTIONS says
 * otherwise: a freed block stays unused until 8 MB are freed after it. With its default of 256 MB
 * each allocation of a short run needs fresh pages: 7,000 of the 20,000 page faults of a run of
 * tagferry-api, and a seventh of its processor time. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "quarantine_size_mb=8";
}
