// Where tests keep their databases: in the folder of the run, which the run removes.

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** Makes an empty folder. Whoever asks removes it. */
export function newFolder(name: string): string {
  const field = process.env['RULEWRIGHT_TEST_FOLDER'] ?? tmpdir()
  return mkdtempSync(path.join(field, `rulewright-${name}-`))
}
