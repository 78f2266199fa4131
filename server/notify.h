/*
 * Tells the service manager how we are (the datagram protocol of sd_notify(3),
 * which its manual documents as stable for programs that do without the
 * library). Nothing happens when NOTIFY_SOCKET is not set. Main thread.
 */
#pragma once

/* state: "READY=1", "STOPPING=1", "RELOADING=1". */
void notify_manager(const char *state);
