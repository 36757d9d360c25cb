/* Writes the registers as a file for the SCADA system that reads them. */
#ifndef TAGFERRY_API_TRANSFER_EXPORT_FOREIGN_H
#define TAGFERRY_API_TRANSFER_EXPORT_FOREIGN_H

#include "api/handler/thread_ctx.h"

/* Write the tags of the devices that the query selects by `device` or `unit`. False after an answer
 * that refuses the query. Within a transaction. */
bool export_write_kepware(struct thread_ctx *thread_ctx, const struct request *request,
                          struct response *response);
bool export_write_ignition(struct thread_ctx *thread_ctx, const struct request *request,
                           struct response *response);

#endif
