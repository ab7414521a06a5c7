// The rules the product brings: of our own writing, each with tests, runbook and ATT&CK. They are
// plain rule files in the folder beside this file.

import { embedded } from '#platform/embedded.ts'

const FOLDER = 'src/starter/rules'

export interface StarterRule {
  /** Relative to the folder: `windows/whoami-as-system.yml`. */
  readonly path: string
  readonly text: string
}

/** By path. */
export function starterRules(): readonly StarterRule[] {
  return embedded
    .list(FOLDER)
    .filter((path) => path.endsWith('.yml'))
    .map((path) => ({ path, text: embedded.read(`${FOLDER}/${path}`).toString() }))
}
