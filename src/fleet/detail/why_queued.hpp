// The workers' part of why a task does not run: who fits, what they do, and what is missing.
#pragma once
#include <string>

#include "fleet/why.hpp"

namespace flotte::fleet::detail {

/// "a model worker on box with model tiny": what the task asks for, in words.
std::string wish(const Need& need);
/// Why a task that is ready does not start. Adds what it says to `out`, members of Why of api/openapi.yaml.
std::string why_queued(const WhyFacts& facts, WallTime now, json::object& out);
/// What a person would do next; `said` is what `why_queued` has added. Empty: it has its turn by itself.
std::string queued_hint(const WhyFacts& facts, const json::object& said);
/// Each worker, whether it could take the task, and what speaks for or against it.
json::array judge_workers(const WhyFacts& facts);

}  // namespace flotte::fleet::detail
