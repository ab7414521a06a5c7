// Reads MITRE's own publication of ATT&CK, a STIX 2.1 bundle, into the facts rules need. Objects that
// are not techniques or tactics are passed over; what is malformed is a problem, never a guess.

import type { Problem } from '#kernel/problem.ts'
import {
  indexAttack,
  readTable,
  TABLE_NAMES_MAX,
  writeTable,
  type Attack,
  type AttackTable,
  type Tactic,
  type Technique,
} from './attack.ts'

export interface ReadAttack {
  /** Undefined when the bundle is not one of ATT&CK for enterprises. */
  readonly attack?: Attack
  readonly problems: readonly Problem[]
}

type Json = Readonly<Record<string, unknown>>

/** `bundle` is what JSON.parse made of the file. Only objects of the domain `enterprise-attack` count. */
export function readStix(bundle: unknown): ReadAttack {
  const problems: Problem[] = []
  const refuse = (code: string, message: string) => {
    problems.push({ code: `attack/${code}`, severity: 'error', message })
  }
  const objects = isObject(bundle) && bundle.type === 'bundle' ? objectsOf(bundle.objects) : []
  if (objects.length === 0) {
    refuse('not-a-bundle', 'This is no STIX bundle: "type" must be "bundle", with "objects".')
    return { problems }
  }
  const patterns = objects.filter((one) => one.type === 'attack-pattern')
  const ours = patterns.filter(isEnterprise)
  const tactics = tacticsIn(objects.filter(isEnterprise))
  const successors = successorsIn(objects)
  const techniques = ours
    .flatMap((one) => readTechnique(one, successors, refuse) ?? [])
    .toSorted(inForceLast)
  if (techniques.length === 0) {
    const others = [...new Set(patterns.flatMap((one) => listOf(one.x_mitre_domains)))]
    if (others.length === 0) refuse('no-techniques', 'The bundle holds no technique of ATT&CK.')
    else refuse('other-domain', `The bundle is for ${others.join(', ')}, not for ${DOMAIN}.`)
    return { problems }
  }
  if (tactics.length === 0) refuse('no-tactics', 'The bundle holds no tactic of ATT&CK.')
  return { attack: indexAttack(versionOf(objects), tactics, techniques), problems }
}

/** By id; where two objects bear one id, the one in force comes last and stays. */
function inForceLast(a: Technique, b: Technique): number {
  if (a.id !== b.id) return a.id < b.id ? -1 : 1
  return Number(isInForce(a)) - Number(isInForce(b))
}

function isInForce({ revokedBy, isDeprecated }: Technique): boolean {
  return revokedBy === undefined && !isDeprecated
}

const DOMAIN = 'enterprise-attack'

/** Bundles of early versions do not say it of each object: they are of one domain. */
function isEnterprise(one: Json): boolean {
  const domains = listOf(one.x_mitre_domains)
  return domains.length === 0 || domains.includes(DOMAIN)
}

const TECHNIQUES_MAX = 5_000

/** As `readStix`, for what is kept: any problem, or a name no table can hold, refuses the bundle. */
export function readStixTable(bundle: unknown): {
  readonly table?: AttackTable
  readonly problems: readonly Problem[]
} {
  const { attack, problems } = readStix(bundle)
  if (attack === undefined || problems.length > 0) return { problems }
  const platforms = new Set([...attack.techniques.values()].flatMap((one) => one.platforms))
  const isOdd =
    attack.techniques.size > TECHNIQUES_MAX ||
    Math.max(platforms.size, attack.tactics.size) > TABLE_NAMES_MAX
  const table = isOdd ? undefined : writeTable(attack)
  if (table !== undefined && isSame(readTable(table), attack)) return { table, problems }
  const message = 'The bundle names more than ATT&CK has, or in a way that ATT&CK does not.'
  return { problems: [{ code: 'attack/odd-names', severity: 'error', message }] }
}

function isSame(a: Attack, b: Attack): boolean {
  const plain = ({ version, tactics, techniques }: Attack) =>
    JSON.stringify([version, [...tactics], [...techniques]])
  return plain(a) === plain(b)
}

/** Tactics in the order of the matrix, as far as the bundle says it. */
function tacticsIn(objects: readonly Json[]): readonly Tactic[] {
  const order = objects
    .filter((one) => one.type === 'x-mitre-matrix')
    .flatMap((one) => listOf(one.tactic_refs))
  return objects
    .filter((one) => one.type === 'x-mitre-tactic' && one.revoked !== true)
    .toSorted((a, b) => order.indexOf(a.id) - order.indexOf(b.id))
    .flatMap((one): Tactic[] => {
      const shortName = one.x_mitre_shortname
      const id = externalId(one)
      return id && typeof shortName === 'string' ? [{ id, shortName, name: nameOf(one) }] : []
    })
}

/** STIX id of a withdrawn technique -> id of the one that took its place. */
function successorsIn(objects: readonly Json[]): ReadonlyMap<unknown, string> {
  const ids = new Map(objects.map((one) => [one.id, externalId(one)]))
  return new Map(
    objects.flatMap((one) => {
      const successor = ids.get(one.target_ref)
      const isRevoked = one.type === 'relationship' && one.relationship_type === 'revoked-by'
      return isRevoked && successor !== undefined ? [[one.source_ref, successor] as const] : []
    }),
  )
}

function readTechnique(
  one: Json,
  successors: ReadonlyMap<unknown, string>,
  refuse: (code: string, message: string) => void,
): Technique | undefined {
  const id = externalId(one)
  if (id === undefined || !/^T\d{4}(?:\.\d{3})?$/.test(id)) {
    refuse('technique-without-id', `The technique "${nameOf(one)}" has no id like T1059.`)
    return undefined
  }
  const revokedBy = one.revoked === true ? successors.get(one.id) : undefined
  const isGivenUp = one.revoked === true || one.x_mitre_deprecated === true
  const phases = objectsOf(one.kill_chain_phases)
  return {
    id,
    name: nameOf(one),
    tactics: phases.map((phase) => phase.phase_name).filter((name) => typeof name === 'string'),
    platforms: listOf(one.x_mitre_platforms).filter((name) => typeof name === 'string'),
    ...(revokedBy === undefined ? {} : { revokedBy }),
    // Revoked without a successor leaves nothing to name, as deprecated does.
    ...(isGivenUp && revokedBy === undefined ? { isDeprecated: true } : {}),
  }
}

function externalId(one: Json): string | undefined {
  const references = objectsOf(one.external_references)
  const own = references.find((reference) => reference.source_name === 'mitre-attack')
  return typeof own?.external_id === 'string' ? own.external_id : undefined
}

function versionOf(objects: readonly Json[]): string {
  const collection = objects.find((one) => one.type === 'x-mitre-collection')
  const version = collection?.x_mitre_version
  return typeof version === 'string' && /^[\d.]{1,20}$/.test(version) ? version : 'unknown'
}

function nameOf(one: Json): string {
  return typeof one.name === 'string' ? one.name : ''
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function objectsOf(value: unknown): readonly Json[] {
  return listOf(value).filter(isObject)
}
