// batch: many documents or prompts.
#include "cli/grammar/group.hpp"

#include "cli/command/batch.hpp"

namespace flotte::cli::grammar {
namespace {

class Batches final : public Group {
 public:
  explicit Batches(Table& table) : Group(table) {
    CLI::App& batch = group("batch", "Work through many documents or prompts");
    CLI::App& run = leaf(batch, "run", "Do something with every document below PATH, and every prompt in .jsonl files");
    run.add_option("path", batch_.paths, "Files and directories: text, Markdown, HTML, PDF, DOCX, EPUB, e-mail, JSON Lines")
        ->type_name("PATH")
        ->required();
    run.add_option("-p,--prompt", batch_.prompt, "What to do with each document; put before each prompt of a .jsonl file");
    run.add_option("-m,--model", batch_.model, "Model name (default: the worker's where one is named, else default)");
    run.add_option("-o,--output", batch_.output, "Directory for the results (default: flotte-BATCH)")->type_name("DIR");
    run.add_flag("--detach", batch_.detach, "Hand everything in, print the batch's id and return");
    run.add_option("--max-cost", batch_.max_cost, "Start nothing more when that many dollars are spent")->type_name("USD");
    run.add_flag("--dry-run", batch_.dry_run, "Only estimate: how many tasks, tokens and dollars; nothing is started");
    add_placement(run, batch_.placement);
    on(run, [this](const Common& common) { return run_batch(common, batch_); });

    CLI::App& attach = leaf(batch, "attach", "Follow a batch again and write its results to the same directory");
    attach.add_option("batch", attach_.batch, "Id of the batch")->type_name("BATCH")->required();
    attach.add_option("-o,--output", attach_.output, "Another directory")->type_name("DIR");
    on(attach, [this](const Common& common) { return run_batch_attach(common, attach_); });

    CLI::App& ls = leaf(batch, "ls", "List batches, newest first");
    add_list_options(ls, "open, running, paused, done, cancelled");
    on(ls, [this](const Common& common) { return run_batch_ls(common, state_, limit_); });

    add_by_id(batch, "show", "BATCH", "Show a batch", run_batch_show);
    add_by_id(batch, "cancel", "BATCH", "Cancel what has not ended",
              [](const Common& common, const std::string& id) { return run_batch_action(common, id, "cancel"); });
    add_by_id(batch, "pause", "BATCH", "Start nothing more of it; what runs, runs to its end",
              [](const Common& common, const std::string& id) { return run_batch_action(common, id, "pause"); });
    add_by_id(batch, "resume", "BATCH", "Go on after a pause",
              [](const Common& common, const std::string& id) { return run_batch_action(common, id, "resume"); });
    add_by_id(batch, "retry", "BATCH", "Try again what failed or was cancelled",
              [](const Common& common, const std::string& id) { return run_batch_action(common, id, "retry"); });
  }

 private:
  BatchRunOptions batch_;
  BatchAttachOptions attach_;
};

}  // namespace

std::unique_ptr<Group> make_batches(Table& table) { return std::make_unique<Batches>(table); }

}  // namespace flotte::cli::grammar
