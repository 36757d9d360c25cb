/* The block of memory that a device with its tags and texts is built in. Its size is computed
 * before, as the sum of the sizes of its pieces; then the pieces are taken from it. Pure. */
#ifndef TAGFERRY_MQTTD_MODEL_DEVICE_BLOCK_H
#define TAGFERRY_MQTTD_MODEL_DEVICE_BLOCK_H

#include <stddef.h>

enum { BLOCK_ALIGNMENT = 8 }; /* of each piece */

struct device_block {
    char *at, *end; /* what is left of it */
};

/* The size that a piece of `size` bytes takes in the block. */
size_t aligned_size(size_t size);
/* The size that a text takes; 0 for NULL. */
size_t aligned_text_size(const char *text);
/* Takes a piece. The block must have room for it. */
void *block_alloc(struct device_block *block, size_t size);
/* Copies a text into the block. NULL for NULL. */
const char *block_copy_text(struct device_block *block, const char *text);

#endif
