// SPDX-License-Identifier: Apache-2.0
#include "status.h"

#include <gtest/gtest.h>

namespace solo::tool {
namespace {

Record holder() {
  Record record;
  record.pid = 4711;
  record.since_unix_ms = 1'795'212'881'999;
  return record;
}

TEST(Status, SaysTheSameInTextAndJson) {
  EXPECT_EQ(status_text({"web", Free{}, "/d/web.lock", {}}), "web stopped\n");
  EXPECT_EQ(status_json({"web", Free{}, "/d/web.lock", {}}),
            R"({"schema":1,"name":"web","state":"stopped","pid":null,"managed":null,)"
            "\"ready\":false,\"since\":null,\"holder\":null,\"holder_uid\":null,\"replaced\":false,"
            "\"why\":null}\n");
  EXPECT_EQ(status_text({"web", Held{holder()}, "/d/web.lock", {}}),
            "web running (pid 4711) since 2026-11-20T22:14:41Z\n");
  EXPECT_EQ(
      status_json({"web", Held{holder()}, "/d/web.lock", {}}),
      R"({"schema":1,"name":"web","state":"running","pid":4711,"managed":"cli",)"
      R"("ready":false,"since":"2026-11-20T22:14:41Z","holder":null,"holder_uid":null,"replaced":false,"why":null})"
      "\n");
}

TEST(Status, TellsHowToFindAHolderThatIsNotKnown) {
  EXPECT_EQ(status_text({"web", Held{}, "/d/web.lock", {}}),
            "web running (pid unknown; find it with 'lsof /d/web.lock')\n");
  EXPECT_NE(
      status_json({"web", Held{}, "/d/web.lock", {}}).find(R"("holder":"find it with 'lsof /d/)"),
      std::string::npos);
}

TEST(Status, NamesAForeignHolderWithItsUser) {
  const Status status{"web", Held{}, "/d/web.lock", {Holder{4712, 65534}, {}}};
  EXPECT_EQ(status_text(status),
            "web running (pid unknown; the lock is held by pid 4712 of user 65534)\n");
  EXPECT_NE(status_json(status).find(
                R"("holder":"the lock is held by pid 4712 of user 65534","holder_uid":65534,)"),
            std::string::npos);
}

TEST(Status, OfALockFileThatWasReplacedIsNeverStopped) {
  const std::string what =
      ": the lock file was replaced; pid 4712 of user 0 holds the lock of the former one";
  Status status{"web", Free{}, "/d/web.lock", {{}, Holder{4712, 0}}};
  EXPECT_EQ(status_text(status), "web unknown" + what + "\n");
  EXPECT_EQ(status_code(status), 4);
  status.result = Held{holder()};
  EXPECT_EQ(status_text(status), "web running (pid 4711) since 2026-11-20T22:14:41Z" + what + "\n");
  EXPECT_EQ(status_code(status), 0);
  EXPECT_NE(status_json(status).find(R"("replaced":true,"why":"the lock file was replaced; )"),
            std::string::npos);
}

TEST(Status, EscapesWhatCouldEndAStringOrSteerATerminal) {
  const std::string hostile = "/d\"\\\n\x1b\xff";
  const std::string json = status_json({"web", Held{}, hostile, {}});
  EXPECT_NE(json.find(R"(/d\"\\\\x0a\\x1b\\xff)"), std::string::npos) << json;
  const std::string text = status_text({"web", Held{}, hostile, {}});
  EXPECT_EQ(text.find('\n'), text.size() - 1);
}

TEST(UtcTime, IsRightAtTheEdges) {
  EXPECT_EQ(utc_time(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(utc_time(951'782'400'000), "2000-02-29T00:00:00Z");
  EXPECT_EQ(utc_time(UINT64_MAX), "9999-12-31T23:59:59Z");
}

}  // namespace
}  // namespace solo::tool
