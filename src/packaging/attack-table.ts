// Makes src/languages/attack/attack-table.ts from ATT&CK's facts: `node src/packaging/run.mjs
// src/packaging/attack-table.ts FILE`, where FILE is MITRE's STIX bundle or a list of facts already
// taken from one ({version, tactics, techniques}).

import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { indexAttack, writeTable, type Attack, type Tactic } from '#languages/attack/attack.ts'
import { readStix } from '#languages/attack/stix.ts'

interface Facts {
  readonly version: string
  readonly tactics: readonly Tactic[]
  readonly techniques: readonly {
    readonly id: string
    readonly name: string
    readonly tactics: readonly string[]
    readonly platforms: readonly string[]
    readonly revokedBy?: string
    readonly deprecated?: boolean
  }[]
}

const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('name the file to read')
const given: unknown = JSON.parse(readFileSync(file, 'utf8'))
const attack = isFacts(given) ? ofFacts(given) : ofBundle(given)
const { version, tactics, platforms, techniques } = writeTable(attack)
const target = path.resolve(import.meta.dirname, '../languages/attack/attack-table.ts')
writeFileSync(
  target,
  `// Made by src/packaging/attack-table.ts; read by attack.ts, which says what the lines mean.
// © The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE
// Corporation. The licence is in NOTICE.

export const VERSION = '${version}'

export const TACTICS = \`
${tactics}
\`

export const PLATFORMS = \`
${platforms}
\`

export const TECHNIQUES = \`
${techniques}
\`
`,
)

function isFacts(value: unknown): value is Facts {
  return typeof value === 'object' && value !== null && 'techniques' in value
}

function ofFacts(facts: Facts): Attack {
  const all = facts.techniques.map(({ deprecated, ...one }) => ({
    ...one,
    ...(deprecated === true ? { isDeprecated: true as const } : {}),
  }))
  return indexAttack(facts.version, facts.tactics, all)
}

function ofBundle(bundle: unknown): Attack {
  const { attack: read, problems } = readStix(bundle)
  if (read === undefined) throw new Error(problems.map(({ message }) => message).join('\n'))
  return read
}
