/* How a connection begins: an HTTP upgrade where one is wanted, then a logon, answered by one byte. */
#ifndef HELLO_H
#define HELLO_H
#include "link.h"

/* Sends the client's first bytes; false while the connection is not there yet. Failures end the link. */
bool begin_client(struct link *link);
/* Goes on with a link that is not open yet and has something to read. */
void continue_opening(struct link *link);
#endif
