// Permissions say nothing to root.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

namespace alexnet {

/// Root, who may write anywhere, is nobody in particular while it lives; others stay who they are.
class AsOrdinaryUser {
 public:
  AsOrdinaryUser() {
    constexpr uid_t kNobody = 65534;
    if (user_ == 0) {
      EXPECT_EQ(::seteuid(kNobody), 0);
    }
  }
  ~AsOrdinaryUser() { EXPECT_EQ(::seteuid(user_), 0); }
  AsOrdinaryUser(const AsOrdinaryUser&) = delete;
  AsOrdinaryUser& operator=(const AsOrdinaryUser&) = delete;

 private:
  uid_t user_ = ::geteuid();
};

}  // namespace alexnet
