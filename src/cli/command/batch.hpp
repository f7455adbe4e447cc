// `flotte batch ...`.
#pragma once
#include "cli/batch/job.hpp"

namespace flotte::cli {

int run_batch(const Common& common, const BatchRunOptions& options);
int run_batch_attach(const Common& common, const BatchAttachOptions& options);
int run_batch_ls(const Common& common, const std::string& state, std::size_t limit);
int run_batch_show(const Common& common, const std::string& id);
/// `what` is cancel or retry.
int run_batch_action(const Common& common, const std::string& id, const std::string& what);

}  // namespace flotte::cli
