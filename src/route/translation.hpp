// In which of the APIs that a target speaks it is asked, and what the translators must know of it. Pure.
#pragma once
#include <optional>
#include <span>
#include <string>

#include "dialect/api.hpp"
#include "dialect/ledger.hpp"
#include "dialect/target.hpp"
#include "route/target.hpp"

namespace flotte::route {

/// The client's own API where it is spoken: then the call passes through. Else the one that says most of what the client's says, by the
/// table of translation.cpp. Nothing where none can be translated to. Counts are never translated. `rewrite`: a call that cannot pass
/// through as it stands even where its API is spoken.
std::optional<dialect::Api> choose_api(dialect::Api client, dialect::ApiSet spoken, bool rewrite = false) noexcept;

/// What is known of the server and its model, by address and name.
dialect::Target describe(const Target& target, dialect::Api api);

/// The value of x-flotte-notes: "FIELD left out, FIELD approximated, and 3 more", plain ASCII, at most `notes_limit` bytes; empty without
/// notes.
inline constexpr std::size_t notes_limit = 480;
std::string notes_header(std::span<const dialect::Note> notes);

}  // namespace flotte::route
