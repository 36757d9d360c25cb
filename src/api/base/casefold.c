/* The C library knows which letters belong together, in a locale of UTF-8 that needs no setlocale.
 */
#include "api/base/casefold.h"

#include <locale.h>
#include <pthread.h>
#include <stdint.h>
#include <wctype.h>

static locale_t utf8;

static void casefold_open_locale(void)
{
    utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;

void casefold_open(void)
{
    pthread_once(&once, casefold_open_locale);
}

/* The character at the text and its length; a byte that begins none stands for itself. */
static size_t casefold_take_char(const unsigned char *at, uint32_t *character)
{
    size_t more = at[0] >= 0xf0 ? 3 : at[0] >= 0xe0 ? 2 : at[0] >= 0xc2 ? 1 : 0;
    *character = more == 0 ? at[0] : at[0] & (0x3fU >> more);
    for (size_t i = 1; i <= more; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        *character = *character << 6 | (at[i] & 0x3fU);
    }
    return more + 1;
}

static void casefold_put_char(struct text *out, uint32_t character)
{
    size_t more = character >= 0x10000 ? 3 : character >= 0x800 ? 2 : character >= 0x80 ? 1 : 0;
    static const unsigned char first[] = {0, 0xc0, 0xe0, 0xf0};
    text_putc(out, (char)(first[more] | character >> (6 * more)));
    while (more-- > 0)
        text_putc(out, (char)(0x80 | (character >> (6 * more) & 0x3f)));
}

void casefold_text(struct text *out, const char *string)
{
    const unsigned char *at = (const unsigned char *)string;
    casefold_open();
    uint32_t character;
    while (*at) {
        size_t len = casefold_take_char(at, &character);
        if (len == 0 || (len == 1 && *at >= 0x80)) {
            text_putc(out, (char)*at++);
            continue;
        }
        if (character < 0x80)
            character += character >= 'A' && character <= 'Z' ? 'a' - 'A' : 0;
        else if (utf8)
            character = (uint32_t)towlower_l((wint_t)character, utf8);
        casefold_put_char(out, character);
        at += len;
    }
}
