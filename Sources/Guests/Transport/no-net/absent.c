// The network service and its driver (Interfaces/net.h, nic.h) in a system that has none: every call is refused.
#include "net.h"

enum { NO_NETWORK = 64 };

uint64_t nic_size(void) { return 0; }
int64_t nic_init(nic *driver) { return -NO_NETWORK; }
void nic_interrupt(nic *driver) {}
uint64_t net_size(void) { return 0; }
int64_t net_init(net *service, nic *driver) { return -NO_NETWORK; }
void net_interrupt(net *service) {}
int64_t net_submit(net *service, net_request *request) { return -NO_NETWORK; }
int64_t net_listen(net *service, uint64_t client, uint64_t port) { return -NO_NETWORK; }
int64_t net_write(net *service, uint64_t client, uint64_t handle, user_address source, uint64_t length) {
  return -NO_NETWORK;
}
int64_t net_close(net *service, uint64_t client, uint64_t handle) { return -NO_NETWORK; }
int64_t net_ready(net *service, uint64_t client, uint64_t handle) { return -NO_NETWORK; }
void net_forget(net *service, uint64_t client) {}
