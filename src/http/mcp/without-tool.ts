// What an agent cannot do though people can, and why. Tests hold it against the tools, and the reasons stand
// in docs/api.md.

import type { Verb } from '#domain/access/permission.ts'

/** Verbs of people that no tool is for: what a verb is about, and the verbs. */
export const WITHOUT_TOOL: readonly (readonly [why: string, verbs: readonly Verb[]])[] = [
  [
    'deploys, or decides what stands',
    ['deployment.run', 'drift.resolve', 'hotfix.make', 'change.breakglass'],
  ],
  ['signs', ['change.sign']],
  [
    'changes targets, or what rules become and hide there',
    ['target.write', 'mapping.write', 'exclusion.write', 'budget.write'],
  ],
  [
    'is about people, providers, tokens and policies',
    [
      'member.read',
      'member.add',
      'member.change',
      'member.remove',
      'token.read',
      'token.add',
      'token.revoke',
      'token.manage',
      'provider.read',
      'provider.manage',
      'policy.read',
      'policy.change',
    ],
  ],
  ['is about the workspace itself', ['workspace.rename', 'workspace.rotate_key']],
  ['is a judgement of somebody who looked', ['disposition.write']],
  ['ends the work of others', ['job.cancel']],
  ['reads or writes the sandbox, which agents ask by searches', ['event.read', 'event.write']],
  ['is a file for a program', ['audit.export']],
]
