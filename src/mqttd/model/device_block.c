/* Hands out pieces of a block of memory. */
#include "mqttd/model/device_block.h"

#include <string.h>

#include "common/base/require.h"

size_t aligned_size(size_t size)
{
    return (size + BLOCK_ALIGNMENT - 1) / BLOCK_ALIGNMENT * BLOCK_ALIGNMENT;
}

size_t aligned_text_size(const char *text)
{
    return text ? aligned_size(strlen(text) + 1) : 0;
}

void *block_alloc(struct device_block *block, size_t size)
{
    char *piece = block->at;
    REQUIRE(aligned_size(size) <= (size_t)(block->end - block->at)); /* see device_block_size */
    block->at += aligned_size(size);
    return piece;
}

const char *block_copy_text(struct device_block *block, const char *text)
{
    if (!text)
        return NULL;
    size_t size = strlen(text) + 1;
    return memcpy(block_alloc(block, size), text, size);
}
