// SPDX-License-Identifier: Apache-2.0
// Sealed files: what one process of ours leaves for another one. Such a file is there complete, or
// it is not there; one that was cut, or of which a bit has changed, is told from a good one.
//
// The seal (XXH3) finds accidents, not forgeries: who may write the file decides what is read.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "core/bytes.h"
#include "core/result.h"

namespace lockproof {

// Writes beside `file` under a name of its own, and puts it in its place with close(). Without
// close() nothing is left; if the process dies here, FILE.PID.tmp is.
class SealedWriter {
 public:
  // `kind`: what it is, one word.
  SealedWriter(std::string file, std::string_view kind);
  ~SealedWriter();
  SealedWriter(const SealedWriter&) = delete;
  SealedWriter& operator=(const SealedWriter&) = delete;

  void write(std::string_view bytes);
  void write(const ByteWriter& bytes) { write(bytes.bytes()); }
  // On the disk, when it returns. Errors: kEnvironment, what could not be written and why.
  Result<> close();

 private:
  struct Hash;

  const std::string file_;
  const std::string temporary_;
  std::FILE* out_ = nullptr;
  int error_ = 0;
  std::unique_ptr<Hash> hash_;
};

// A whole file, mapped.
class SealedFile {
 public:
  // Errors: kUsage, with the file's name: it is not there, not of that kind, of another version, or
  // damaged.
  static Result<SealedFile> open(const std::string& file, std::string_view kind);
  SealedFile(SealedFile&& other) noexcept;
  SealedFile& operator=(SealedFile&&) = delete;
  ~SealedFile();

  ByteReader reader() const { return ByteReader(content_); }

 private:
  SealedFile() = default;
  void* mapped_ = nullptr;
  std::size_t size_ = 0;
  std::string_view content_;
};

}  // namespace lockproof
