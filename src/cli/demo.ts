// `rulewright demo`: the product's promises on an instance of its own, then a running server to look
// around in.

import type { ProcessCommand } from './command.ts'

export const demo: ProcessCommand = {
  name: 'demo',
  about: 'show what this can do, on an instance of its own',
  runsIn: 'process',
  flags: {
    data: { value: 'DIR', about: 'a new directory instead of a temporary one' },
    listen: { value: 'HOST:PORT', about: 'where to listen (default 127.0.0.1, any free port)' },
    'with-siems': { about: 'beside it SIEMs that stand in for real ones, with rules and events' },
    exit: { about: 'stop after the report; 0 only if every step held' },
  },
  run: async (call, args) => (await import('./demo/run.ts')).runDemo(call, args),
}
