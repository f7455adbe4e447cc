// A coding agent's model, played: reads a file, edits it, runs the test, finishes. Filled in for the agents' suite; see script/agents.
export function playAgent() {
  return { text: 'Nothing to do.' };
}
