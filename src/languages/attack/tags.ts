// What the tags of a rule say in ATT&CK's words: tactics and techniques by name, what is no longer there,
// and what to write in its place.

import { DIVIDED_TACTICS, type Attack, type Tactic, type Technique } from './attack.ts'

export interface TaggedTechnique {
  readonly tag: string
  readonly technique: Technique
  /** With that of its parent: `Command and Scripting Interpreter: PowerShell`. */
  readonly name: string
  readonly url: string
}

export interface TaggedTactic {
  readonly tag: string
  readonly tactic: Tactic
  /** Undefined for a tactic that is no column of the matrix any more. */
  readonly url: string | undefined
}

export interface AttackTags {
  /** In the order of the matrix. */
  readonly tactics: readonly TaggedTactic[]
  readonly techniques: readonly TaggedTechnique[]
  /** Tags in the namespace of ATT&CK that this version of it does not know. */
  readonly unknown: readonly string[]
}

const PREFIX = 'attack.'
/** Groups, software, mitigations and other objects that rules may name and no matrix shows. */
const OTHER = /^(?:g|s|ds|m|a|dc|det|an|c)\d+(?:\.\d+)?$/

export function readTags(tags: readonly string[], attack: Attack): AttackTags {
  const names = [...new Set(tags.map((tag) => tag.toLowerCase()))].flatMap((tag) =>
    tag.startsWith(PREFIX) ? [tag.slice(PREFIX.length)] : [],
  )
  const order = [...attack.tactics.values()]
  const tactics = names.flatMap((name) => tacticOf(name, attack) ?? [])
  const techniques = names.flatMap((name) => attack.techniques.get(name) ?? [])
  const isKnown = (name: string) =>
    OTHER.test(name) || attack.techniques.has(name) || tacticOf(name, attack) !== undefined
  return {
    tactics: [...new Set(tactics)]
      .toSorted((a, b) => order.indexOf(a) - order.indexOf(b))
      .map((tactic) => ({ tag: tagOf(tactic.shortName), tactic, url: tacticUrl(tactic) })),
    techniques: techniques.map((technique) => ({
      tag: tagOf(technique.id),
      technique,
      name: fullName(technique, attack),
      url: techniqueUrl(technique),
    })),
    unknown: names.filter((name) => !isKnown(name)).map(tagOf),
  }
}

/** By short name or by id, `execution` or `ta0002`. */
function tacticOf(name: string, { tactics }: Attack): Tactic | undefined {
  return tactics.get(name) ?? [...tactics.values()].find(({ id }) => id?.toLowerCase() === name)
}

/** As rules write it. */
export function tagOf(name: string): string {
  return PREFIX + name.toLowerCase()
}

export function fullName({ id, name }: Technique, { techniques }: Attack): string {
  const [parent = '', sub] = id.toLowerCase().split('.')
  const above = sub === undefined ? undefined : techniques.get(parent)
  return above === undefined ? name : `${above.name}: ${name}`
}

const SITE = 'https://attack.mitre.org'

export function techniqueUrl({ id }: Technique): string {
  return `${SITE}/techniques/${id.replace('.', '/')}/`
}

export function tacticUrl({ id }: Tactic): string | undefined {
  return id === undefined ? undefined : `${SITE}/tactics/${id}/`
}

/** A technique that took another's place may itself have lost it. */
const SUCCESSIONS_MAX = 8

/** What a technique is called now: itself, its last successor, or undefined when there is none. */
export function currentOf(technique: Technique, attack: Attack): Technique | undefined {
  let current: Technique | undefined = technique
  for (let at = 0; at < SUCCESSIONS_MAX && current?.revokedBy !== undefined; at++) {
    current = attack.techniques.get(current.revokedBy.toLowerCase())
  }
  return current === undefined || current.revokedBy !== undefined || current.isDeprecated
    ? undefined
    : current
}

export interface TagFix {
  /** As the rule writes it. */
  readonly tag: string
  /** What to write in its place; empty when all of it stands there already. */
  readonly instead: readonly string[]
  /** False where a person must choose among `instead`. */
  readonly isSure: boolean
  /** `T1086 PowerShell is T1059.001 now.` */
  readonly why: string
}

/** For revoked techniques and divided tactics; what is merely deprecated has no successor to write. */
export function fixTags(tags: readonly string[], attack: Attack): readonly TagFix[] {
  const present = new Set(tags.map((tag) => tag.toLowerCase()))
  const served = new Set(
    readTags(tags, attack).techniques.flatMap(
      ({ technique }) => currentOf(technique, attack)?.tactics ?? [],
    ),
  )
  return tags.flatMap((tag): readonly TagFix[] => {
    const written = tag.toLowerCase()
    if (!written.startsWith(PREFIX)) return []
    const fix = fixOf(written.slice(PREFIX.length), attack, served)
    if (fix === undefined) return []
    return [{ ...fix, tag, instead: fix.instead.filter((one) => !present.has(one)) }]
  })
}

function fixOf(
  name: string,
  attack: Attack,
  served: ReadonlySet<string>,
): Omit<TagFix, 'tag'> | undefined {
  const technique = attack.techniques.get(name)
  if (technique?.revokedBy !== undefined) {
    const current = currentOf(technique, attack)
    if (current === undefined) return undefined
    const why = `${technique.id} ${technique.name} is ${current.id} ${fullName(current, attack)} now.`
    return { instead: [tagOf(current.id)], isSure: true, why }
  }
  const parts = DIVIDED_TACTICS.get(name)
  // A version from before the division knows the old tactic and not the new ones.
  if (parts === undefined || !parts.every((part) => attack.tactics.get(part)?.id)) return undefined
  const fitting = parts.filter((part) => served.has(part))
  const isSure = fitting.length > 0
  const instead = (isSure ? fitting : parts).map(tagOf)
  return {
    instead,
    isSure,
    why: `ATT&CK divided the tactic "${name}" into ${parts.join(' and ')}.`,
  }
}
