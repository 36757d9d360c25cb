/* What a product's tag cannot say, at the end of its description: "[Tagferry: byte order ABCD;
 * disabled]". The export writes it for people, and an import of the file reads it. Pure. */
#ifndef TAGFERRY_API_FOREIGN_FOREIGN_REMARK_H
#define TAGFERRY_API_FOREIGN_FOREIGN_REMARK_H

#include <stdbool.h>

#include "api/base/arena.h"

/* Texts are NULL, numbers 0 where nothing is said. */
struct foreign_remark {
    const char *device, *tag; /* their names in Tagferry */
    const char *type, *byte_order, *byte;
    long length;
    bool has_scale, disabled;
    double scale, offset;
};

/* Returns the description with the remark after it; the description itself for an empty remark,
 * unless it ends like one. */
const char *foreign_remark_append(struct arena *arena, const char *description,
                                  const struct foreign_remark *remark);
/* Returns the description without its remark. */
const char *foreign_remark_split(struct arena *arena, const char *description,
                                 struct foreign_remark *remark);

#endif
