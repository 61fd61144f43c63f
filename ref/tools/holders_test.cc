// SPDX-License-Identifier: Apache-2.0
#include "holders.h"

#include "src/testing.h"

namespace solo::testing {
namespace {

using tool::find_holders;
using tool::Holder;

TEST(Holders, OfALockThatNobodyHasAreNone) {
  const TempDir temp;
  EXPECT_FALSE(find_holders(temp.lock()).current);
  { const ClaimResult gone = claim_in(temp); }
  const Fd open(port::linux_sys(), ::open(temp.lock().c_str(), O_RDWR | O_CLOEXEC));
  const auto holders = find_holders(temp.lock());
  EXPECT_FALSE(holders.current) << "who has it open does not hold its lock";
  EXPECT_FALSE(holders.replaced);
}

TEST(Holders, AreFoundWithTheirUserAndToldApartFromThoseOfAFormerFile) {
  const TempDir temp;
  const Pipe said, again;
  const Child first([&] { claim_and_stay(temp, said); });
  ASSERT_EQ(said.receive(), 'o');
  const Holder before{first.pid(), ::geteuid()};
  EXPECT_EQ(find_holders(temp.lock()).current, before);
  EXPECT_FALSE(find_holders(temp.lock()).replaced);
  EXPECT_EQ(find_holders(temp.state() + "//web.lock").current, before);

  ASSERT_EQ(::unlink(temp.lock().c_str()), 0);
  EXPECT_FALSE(find_holders(temp.lock()).current);
  EXPECT_EQ(find_holders(temp.lock()).replaced, before);

  const Child second([&] { claim_and_stay(temp, again); });
  ASSERT_EQ(again.receive(), 'o');
  EXPECT_EQ(find_holders(temp.lock()).current, (Holder{second.pid(), ::geteuid()}));
  EXPECT_EQ(find_holders(temp.lock()).replaced, before);
}

TEST(Holders, AreThoseOfTheByteThatDecides) {
  const std::string open = "pos:\t0\nflags:\t02100002\nmnt_id:\t27\nino:\t7\n";
  EXPECT_FALSE(tool::has_owners_lock(open));
  EXPECT_TRUE(tool::has_owners_lock(open + "lock:\t1: OFDLCK ADVISORY  WRITE -1 fe:00:7 0 0\n"));
  EXPECT_TRUE(tool::has_owners_lock(open + "lock:\t1: POSIX  ADVISORY  READ 9 fe:00:7 0 EOF\n"));
  EXPECT_TRUE(tool::has_owners_lock(open + "lock:\t1: OFDLCK ADVISORY  READ -1 fe:00:7 2 2\n" +
                                    "lock:\t2: OFDLCK ADVISORY  WRITE -1 fe:00:7 0 0\n"));
  EXPECT_FALSE(tool::has_owners_lock(open + "lock:\t1: OFDLCK ADVISORY  READ -1 fe:00:7 2 2\n"));
  EXPECT_FALSE(tool::has_owners_lock(open + "lock:\t1: FLOCK  ADVISORY  WRITE 9 fe:00:7 0 EOF\n"));
}

TEST(Holders, AreOfTheEffectiveUser) {
  EXPECT_EQ(tool::effective_uid("Name:\tUid:\\n7\nPid:\t4\nUid:\t0\t65534\t0\t0\n"), 65534u);
  EXPECT_EQ(tool::effective_uid("Name:\tx\n"), std::nullopt);
}

}  // namespace
}  // namespace solo::testing
