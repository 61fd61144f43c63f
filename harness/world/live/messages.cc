// SPDX-License-Identifier: Apache-2.0
#include "live/messages.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace lockproof::live {
namespace {

struct Envelope {
  explicit Envelope(void* bytes, std::size_t size) : part{bytes, size} {
    message.msg_iov = &part;
    message.msg_iovlen = 1;
  }
  void add_room() {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
  }
  iovec part;
  msghdr message{};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
};

}  // namespace

bool send_order(int channel, const Order& order) {
  return ::send(channel, &order, sizeof order, MSG_NOSIGNAL) == sizeof order;
}

std::optional<Order> receive_order(int channel) {
  Order order;
  for (;;) {
    const ssize_t size = ::recv(channel, &order, sizeof order, 0);
    if (size < 0 && errno == EINTR) continue;
    if (size != sizeof order) return std::nullopt;
    return order;
  }
}

bool send_report(int channel, const Report& report, int fd) {
  Report copy = report;
  Envelope envelope(&copy, sizeof copy);
  if (fd >= 0) {
    envelope.add_room();
    cmsghdr* const header = CMSG_FIRSTHDR(&envelope.message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  return ::sendmsg(channel, &envelope.message, MSG_NOSIGNAL) == sizeof report;
}

std::optional<Received> receive_report(int channel) {
  Received received;
  Envelope envelope(&received.report, sizeof received.report);
  envelope.add_room();
  ssize_t size = 0;
  do {
    size = ::recvmsg(channel, &envelope.message, MSG_CMSG_CLOEXEC);
  } while (size < 0 && errno == EINTR);
  if (size != sizeof received.report) return std::nullopt;
  const cmsghdr* const header = CMSG_FIRSTHDR(&envelope.message);
  if (header != nullptr && header->cmsg_type == SCM_RIGHTS) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
    received.fd = Fd(fd);
  }
  return received;
}

}  // namespace lockproof::live
