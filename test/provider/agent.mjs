// A coding agent's model, played: reads a file, edits it, runs the test, finishes; with whatever tools the agent offers.
//
// The prompt holds `FLOTTE-TASK:/path/of/the/repository`: there `greet.py` says "helo" and should say "hello", and `sh test.sh` prints
// "test passed" when it does.
import { sample } from './schema.mjs';

const before = 'helo';
const after = 'hello';

/** Per agent's tool: how it is called. Codex patches through its shell or through apply_patch. */
const readers = {
  Read: (repo) => ({ file_path: `${repo}/greet.py` }),
  read_file: (repo, { schema }) => (schema?.properties?.absolute_path ? { absolute_path: `${repo}/greet.py` } : { file_path: `${repo}/greet.py` }),
  read: (repo) => ({ filePath: `${repo}/greet.py` }),
};
const editors = {
  Edit: (repo) => ({ file_path: `${repo}/greet.py`, old_string: before, new_string: after }),
  replace: (repo) => ({ file_path: `${repo}/greet.py`, old_string: before, new_string: after, instruction: 'Correct the spelling of the greeting.' }),
  edit: (repo) => ({ filePath: `${repo}/greet.py`, oldString: before, newString: after }),
  apply_patch: (repo) => ({ input: `*** Begin Patch\n*** Update File: ${repo}/greet.py\n@@\n-print("${before}")\n+print("${after}")\n*** End Patch\n` }),
};
const shells = {
  Bash: (command) => ({ command, description: 'Run a command' }),
  run_shell_command: (command) => ({ command, description: 'Run a command' }),
  bash: (command) => ({ command, description: 'Run a command' }),
  exec_command: (command) => ({ cmd: command }),
  shell_command: (command) => ({ command }),
  shell: (command) => ({ command: ['bash', '-lc', command] }),
};

const offered = (table, tools) => tools.find((tool) => Object.hasOwn(table, tool.name));

function use(table, seen, repo, command) {
  const tool = offered(table, seen.tools);
  if (tool) return { name: tool.name, args: table[tool.name](repo, tool) };
  const shell = offered(shells, seen.tools);
  return { name: shell.name, args: shells[shell.name](command) };
}

export function playAgent(seen) {
  const repo = /FLOTTE-TASK:([\w/.-]+)/.exec(seen.raw)?.[1];
  // Titles, summaries and classifications are asked for beside the work.
  if (!repo || !offered(shells, seen.tools)) return { text: seen.schema ? JSON.stringify(sample(seen.schema)) : 'A greeting is corrected' };
  const test = `cd ${repo} && sh test.sh`;
  const last = seen.results.map((result) => result.text).join('\n');
  const steps = [
    () => ({ text: 'I read the file.', calls: [use(readers, seen, repo, `cat ${repo}/greet.py`)], stop: 'calls' }),
    () => last.includes(before) && { text: 'I correct it.', calls: [use(editors, seen, repo, `sed -i s/${before}/${after}/ ${repo}/greet.py`)], stop: 'calls' },
    () => ({ text: 'I run the test.', calls: [use({}, seen, repo, test)], stop: 'calls' }),
    () => last.includes('test passed') && { text: 'The greeting is corrected and the test passes.' },
  ];
  const step = Math.min(seen.history.length, steps.length - 1);
  return steps[step]() || { text: `I give up: step ${step} found: ${last.slice(0, 400)}` };
}
