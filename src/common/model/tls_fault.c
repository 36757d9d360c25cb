/* The words of faults. */
#include "common/model/tls_fault.h"

#define TLS_FAULT_WORDS(name, words) "TLS: " words,

static const char *const tls_fault_texts[] = {TLS_FAULTS(TLS_FAULT_WORDS)};

const char *tls_fault_words(unsigned fault)
{
    return fault != TLS_FAULT_NONE && fault < TLS_FAULT_COUNT ? tls_fault_texts[fault] : "";
}
