// `npm run advisories -- FILE…`: the lock file and, if it was built, the bill of materials against
// advisories in the OSV format (one object, an array, or one object a line). Nothing is fetched:
// whoever runs this says which copy of the advisories counts. Exit 1 when something is affected.
//
// Source: OSV schema 1.6; ranges of type SEMVER and ECOSYSTEM, and lists of versions.

import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { compareVersions } from './version-order.ts'

interface Advisory {
  readonly id: string
  readonly summary?: string
  readonly withdrawn?: string
  readonly affected?: readonly Affected[]
}

interface Affected {
  readonly package?: { readonly ecosystem: string; readonly name: string }
  readonly versions?: readonly string[]
  readonly ranges?: readonly { readonly type: string; readonly events: readonly RangeEvent[] }[]
}

interface RangeEvent {
  readonly introduced?: string
  readonly fixed?: string
  readonly last_affected?: string
}

interface Held {
  readonly ecosystem: 'npm' | 'generic'
  readonly name: string
  readonly version: string
  readonly from: string
}

const root = path.resolve(import.meta.dirname, '../..')
const files = process.argv.slice(2)
if (files.length === 0) {
  console.error('usage: npm run advisories -- FILE…   (advisories in the OSV format)')
  process.exit(2)
}
const held = [...fromLock(), ...fromSbom()]
const advisories = files.flatMap(readAdvisories).filter(({ withdrawn }) => withdrawn === undefined)
const findings = advisories.flatMap((advisory) =>
  held
    .filter((one) => (advisory.affected ?? []).some((affected) => concerns(affected, one)))
    .map(
      (one) =>
        `${advisory.id}  ${one.name} ${one.version} (${one.from})  ${advisory.summary ?? ''}`,
    ),
)
for (const finding of new Set(findings)) console.log(finding.trimEnd())
console.log(
  `${held.length} parts, ${advisories.length} advisories, ${new Set(findings).size} findings`,
)
process.exitCode = findings.length > 0 ? 1 : 0

function readAdvisories(file: string): readonly Advisory[] {
  const text = readFileSync(file, 'utf8').trim()
  try {
    const whole = JSON.parse(text) as Advisory | readonly Advisory[]
    return Array.isArray(whole) ? whole : [whole as Advisory]
  } catch {
    return text.split('\n').map((line) => JSON.parse(line) as Advisory)
  }
}

function fromLock(): Held[] {
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<
      Record<string, { readonly version?: string; readonly name?: string }>
    >
  }
  return Object.entries(lock.packages).flatMap(([folder, { version, name }]) =>
    folder === '' || version === undefined
      ? []
      : [
          {
            ecosystem: 'npm' as const,
            name:
              name ?? folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length),
            version,
            from: 'lock file',
          },
        ],
  )
}

function fromSbom(): Held[] {
  const file = path.join(root, 'dist/rulewright.cdx.json')
  if (!existsSync(file)) return []
  const bom = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly components: readonly {
      readonly name: string
      readonly version: string
      readonly purl: string
    }[]
  }
  return bom.components.map(({ name, version, purl }) => ({
    ecosystem: purl.startsWith('pkg:npm/') ? ('npm' as const) : ('generic' as const),
    name,
    version,
    from: 'executable',
  }))
}

// Parts of Node and SQLite have no ecosystem of their own in OSV: they are matched by name alone.
function concerns(affected: Affected, one: Held): boolean {
  const about = affected.package
  if (about === undefined || about.name.toLowerCase() !== one.name.toLowerCase()) return false
  if ((about.ecosystem === 'npm') !== (one.ecosystem === 'npm')) return false
  if (affected.versions?.includes(one.version)) return true
  return (affected.ranges ?? []).some(
    ({ type, events }) => type !== 'GIT' && isInRange(one.version, events),
  )
}

/** Events in order of version: each `introduced` opens, each `fixed` or `last_affected` closes. */
function isInRange(version: string, events: readonly RangeEvent[]): boolean {
  let isAffected = false
  for (const { introduced, fixed, last_affected: last } of events.toSorted(byVersion)) {
    if (introduced !== undefined && compareVersions(version, introduced) >= 0) isAffected = true
    if (fixed !== undefined && compareVersions(version, fixed) >= 0) isAffected = false
    if (last !== undefined && compareVersions(version, last) > 0) isAffected = false
  }
  return isAffected
}

function byVersion(a: RangeEvent, b: RangeEvent): number {
  const at = (event: RangeEvent) => event.introduced ?? event.fixed ?? event.last_affected ?? '0'
  return compareVersions(at(a), at(b))
}
