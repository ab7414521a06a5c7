// MITRE ATT&CK as rules need it: tactics and techniques with their platforms, and what became of those
// that were withdrawn. The embedded table is one version of it; `readStix` reads any other.

import { PLATFORMS, TACTICS, TECHNIQUES, VERSION } from './attack-table.ts'

export interface Tactic {
  /** `TA0002`; absent for a tactic of earlier versions. */
  readonly id?: string
  /** As tags write it: `privilege-escalation`. */
  readonly shortName: string
  readonly name: string
}

export interface Technique {
  /** `T1059` or `T1059.001`. */
  readonly id: string
  readonly name: string
  /** Short names of tactics. */
  readonly tactics: readonly string[]
  readonly platforms: readonly string[]
  /** The technique that took its place. */
  readonly revokedBy?: string
  readonly isDeprecated?: true
}

/** By what tags say, in lower case: `t1059.001` and `execution`. */
export interface Attack {
  readonly version: string
  readonly tactics: ReadonlyMap<string, Tactic>
  readonly techniques: ReadonlyMap<string, Technique>
}

/** Version 19 divided this tactic; tags written before then still say it. */
export const DIVIDED_TACTICS: ReadonlyMap<string, readonly string[]> = new Map([
  ['defense-evasion', ['stealth', 'defense-impairment']],
])

let read: Attack | undefined

/** The version that came with the product; read when first asked for. */
export function embeddedAttack(): Attack {
  read ??= readTable({
    version: VERSION,
    tactics: TACTICS,
    platforms: PLATFORMS,
    techniques: TECHNIQUES,
  })
  return read
}

let opened: { readonly table: AttackTable; readonly attack: Attack } | undefined

/** A table read, or the version that came with the product; the same table again is not read again. */
export function openAttack(table: AttackTable | undefined): Attack {
  if (table === undefined) return embeddedAttack()
  if (opened === undefined || !isSameTable(opened.table, table)) {
    opened = { table, attack: readTable(table) }
  }
  return opened.attack
}

function isSameTable(a: AttackTable, b: AttackTable): boolean {
  return (
    a.techniques === b.techniques &&
    a.tactics === b.tactics &&
    a.platforms === b.platforms &&
    a.version === b.version
  )
}

/** One line each; a technique names tactics and platforms by letters, in the order of their lists. */
export interface AttackTable {
  readonly version: string
  readonly tactics: string
  readonly platforms: string
  readonly techniques: string
}

/** `T1002 j ABC >T1560 Data Compressed`: revoked. A `!` in place of the successor: deprecated. */
const TECHNIQUE = /^(T[\d.]+) (\w*) (\w*) (?:(>T[\d.]+|!) )?(.+)$/

export function readTable(table: AttackTable): Attack {
  const tactics = lines(table.tactics).map((line): Tactic => {
    const [id = '', shortName = '', ...name] = line.split(' ')
    return { ...(id === '-' ? {} : { id }), shortName, name: name.join(' ') }
  })
  const platforms = lines(table.platforms)
  const techniques = lines(table.techniques).map((line): Technique => {
    const [, id = '', inTactics = '', onPlatforms = '', fate, name = ''] =
      TECHNIQUE.exec(line) ?? []
    return {
      id,
      name,
      tactics: spell(
        inTactics,
        tactics.map(({ shortName }) => shortName),
      ),
      platforms: spell(onPlatforms, platforms),
      ...(fate?.startsWith('>') ? { revokedBy: fate.slice(1) } : {}),
      ...(fate === '!' ? { isDeprecated: true } : {}),
    }
  })
  return indexAttack(table.version, tactics, techniques)
}

export function writeTable(attack: Attack): AttackTable {
  const tactics = [...attack.tactics.values()]
  const techniques = [...attack.techniques.values()]
  const known = tactics.map(({ shortName }) => shortName)
  const platforms = [...new Set(techniques.flatMap((one) => one.platforms))].toSorted()
  return {
    version: attack.version,
    tactics: tactics.map((one) => `${one.id ?? '-'} ${one.shortName} ${one.name}`).join('\n'),
    platforms: platforms.join('\n'),
    techniques: techniques.map((one) => writeTechnique(one, known, platforms)).join('\n'),
  }
}

function writeTechnique(
  one: Technique,
  tactics: readonly string[],
  platforms: readonly string[],
): string {
  const fate = one.revokedBy ? `>${one.revokedBy} ` : one.isDeprecated ? '! ' : ''
  const letters = `${letter(one.tactics, tactics)} ${letter(one.platforms, platforms)}`
  return `${one.id} ${letters} ${fate}${one.name}`
}

/** Tactics that only techniques name are those of earlier versions: withdrawn techniques keep theirs. */
export function indexAttack(
  version: string,
  tactics: readonly Tactic[],
  techniques: readonly Technique[],
): Attack {
  const known = new Set(tactics.map(({ shortName }) => shortName))
  const named = new Set(techniques.flatMap((one) => one.tactics))
  const former = [...named.difference(known)].map((shortName) => ({
    shortName,
    name: shortName.replaceAll(/(?:^|-)\w/g, (first) => first.replace('-', ' ').toUpperCase()),
  }))
  return {
    version,
    tactics: new Map([...tactics, ...former].map((tactic) => [tactic.shortName, tactic])),
    techniques: new Map(techniques.map((technique) => [technique.id.toLowerCase(), technique])),
  }
}

function lines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '')
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
/** As many tactics, and as many platforms, as a table can tell apart; MITRE names fifteen and twelve. */
export const TABLE_NAMES_MAX = LETTERS.length

function spell(letters: string, names: readonly string[]): readonly string[] {
  return letters.split('').map((one) => names[LETTERS.indexOf(one)]!)
}

function letter(names: readonly string[], all: readonly string[]): string {
  return names.map((name) => LETTERS[all.indexOf(name)]!).join('')
}
