// What an older write named and a newer one leaves out, given back: named once more, as the vendor has it
// for whoever never said anything. What no write of ours ever named is not named here either. Pure.

import { canonicalJson, type Json } from '#kernel/json.ts'
import type { SiemKind } from '#kernel/siem.ts'
import { SPLUNK_USUAL } from '#languages/rule-formats/observed/splunk-usual.ts'
import type { Body } from './rule.ts'

/**
 * `older` is what was written there last, without its mark; null where nothing of ours was. The switch of
 * a rule stays as it is: nobody turns one off by leaving it out.
 */
export function withCleared(kind: SiemKind, body: Body, older: Body | null): Body {
  const shape = SHAPES[kind]
  return older === null || shape === undefined ? body : cleared(body, older, shape)
}

/**
 * With those of `fields`, in the one spelling of the adapter, that `body` does not name: as `stood` has
 * them. For an object that somebody changed where no write of ours says anything.
 */
export function withRestored(
  kind: SiemKind,
  body: Body,
  stood: Body,
  fields: readonly string[],
): Body {
  const shape = SHAPES[kind]
  if (shape === undefined) return body
  return fields.reduce((made, field) => restored(made, stood, shape, shape.pathOf(field)), body)
}

const SWITCHES = new Set(['enabled', 'isEnabled', 'disabled', 'is_scheduled', 'properties.enabled'])

interface Shape {
  /** Its members are settings of their own: a write of one leaves the others. */
  readonly isGroup: (path: string) => boolean
  /** A group that is not named at all is given back member by member. */
  readonly isSpread?: true
  /** From the outermost group to the setting. */
  readonly pathOf: (field: string) => readonly string[]
  /** As it is for whoever never said anything; null takes it away. */
  readonly empty: (path: string, value: Json) => Json
}

const SENTINEL_GROUPS = new Set([
  'properties',
  'properties.incidentConfiguration',
  'properties.incidentConfiguration.groupingConfiguration',
  'properties.alertDetailsOverride',
  'properties.eventGroupingSettings',
])

const GROUPING = 'properties.incidentConfiguration.groupingConfiguration'
/** Azure insists on these. */
const SENTINEL_USUAL: Readonly<Record<string, Json>> = {
  'properties.triggerOperator': 'GreaterThan',
  'properties.triggerThreshold': 0,
  'properties.incidentConfiguration.createIncident': true,
  [`${GROUPING}.enabled`]: false,
  [`${GROUPING}.reopenClosedIncident`]: false,
  [`${GROUPING}.lookbackDuration`]: 'PT5H',
  [`${GROUPING}.matchingMethod`]: 'AllEntities',
}

/** The sandbox and OpenSearch take a body as a whole: what it does not name goes by itself. */
const SHAPES: Readonly<Partial<Record<SiemKind, Shape>>> = {
  splunk: {
    isGroup: () => false,
    pathOf: (name) => [name],
    empty: (name) => SPLUNK_USUAL[name] ?? '',
  },
  sentinel: {
    isGroup: (path) => SENTINEL_GROUPS.has(path),
    isSpread: true,
    pathOf: (field) => field.split('.'),
    empty: (path) => SENTINEL_USUAL[path] ?? null,
  },
  elastic: { isGroup: () => false, pathOf: (name) => [name], empty: () => null },
  defender: {
    isGroup: () => true,
    pathOf: (field) => field.split('/'),
    // Graph takes no null for a list.
    empty: (_, value) => (Array.isArray(value) ? [] : null),
  },
}

const DEPTH_MAX = 16

function cleared(body: Body, older: Body, shape: Shape, prefix = '', depth = 0): Body {
  const more: [string, Json][] = []
  for (const [name, value] of Object.entries(older)) {
    const path = prefix + name
    const ours = body[name]
    if (SWITCHES.has(path)) continue
    const isInner = shape.isGroup(path) && isGroup(value) && depth < DEPTH_MAX
    if (ours === undefined && !(isInner && shape.isSpread)) {
      const empty = shape.empty(path, value)
      if (!isSame(value, empty)) more.push([name, empty])
    } else if (isInner && (ours === undefined || isGroup(ours))) {
      more.push([name, cleared(ours ?? {}, value, shape, `${path}.`, depth + 1)])
    }
  }
  return { ...body, ...Object.fromEntries(more) }
}

function restored(
  body: Body,
  stood: Body,
  shape: Shape,
  [name = '', ...rest]: readonly string[],
  prefix = '',
): Body {
  const path = prefix + name
  const [ours, theirs] = [body[name], stood[name]]
  if (rest.length === 0) {
    return ours === undefined ? { ...body, [name]: theirs ?? shape.empty(path, null) } : body
  }
  if (ours !== undefined && !isGroup(ours)) return body
  const [inner, before] = [ours ?? {}, theirs !== undefined && isGroup(theirs) ? theirs : {}]
  return { ...body, [name]: restored(inner, before, shape, rest, `${path}.`) }
}

/** What was empty already is not named for ever. */
function isSame(value: Json, empty: Json): boolean {
  if (value === null) return empty === null || empty === ''
  if (typeof empty === 'string')
    return (typeof value === 'string' ? value : JSON.stringify(value)) === empty
  return canonicalJson(value) === canonicalJson(empty)
}

function isGroup(value: Json): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
