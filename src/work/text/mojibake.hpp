// UTF-8 that was once read as Windows-1252, Latin-1 or Mac Roman and written as UTF-8 again: "fÃ¼r", "f√ºr", "æ—¥æœ¬". Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace flotte::work {

struct Repaired {
  std::string text;
  std::string mistaken_for;  // "windows-1252", "ISO-8859-1", "macintosh"
};

/// The text as it was before, or nothing where it is not certain. It is repaired as a whole or not at all: every character must go back to
/// its byte, all bytes together must be UTF-8, the way forth must give the same text again, what comes out must be letters and signs of
/// living scripts, and at least one of the wrong sequences must be one that nobody writes on purpose. Damage of up to three layers.
std::optional<Repaired> repair_mojibake(std::string_view text);

}  // namespace flotte::work
