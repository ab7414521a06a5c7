// The mark by which an object on a target is known to be ours, and in which bytes it was written:
// `rulewright:<install>:<rule>:<version>:<digest>`. Each vendor keeps it where a person may see it and
// nothing depends on it. It is no part of what is signed or compared: it names those bytes.

import type { Json } from '#kernel/json.ts'
import type { SiemKind } from '#kernel/siem.ts'
import type { Body } from './rule.ts'

const MARKER =
  /rulewright:([0-9a-f]{8}):(rul_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):(\d+):([0-9a-f]{12})/

export interface Marked {
  /** The first 8 hex digits of the installation's id. */
  readonly install: string
  readonly ruleId: string
  readonly version: number
  /** The first 12 hex digits of the body's digest, without the mark. */
  readonly digest: string
}

/** `bodyHash` is hex SHA-256 of the canonical body without a mark. */
export function markerOf(rule: {
  readonly installId: string
  readonly ruleId: string
  readonly version: number
  readonly bodyHash: string
}): string {
  const { installId, ruleId, version, bodyHash } = rule
  return `rulewright:${installId.slice(0, 8)}:${ruleId}:${version}:${bodyHash.slice(0, 12)}`
}

/** The body with the mark in its place. Pure: the same body and mark are the same bytes. */
export function withMarker(kind: SiemKind, body: Body, marker: string): Body {
  switch (kind) {
    case 'local':
      return { ...body, marker }
    case 'elastic':
      return { ...body, tags: [...listOf(body['tags']), marker] }
    case 'opensearch': {
      const { rule } = body
      return typeof rule === 'string' ? { ...body, rule: `${rule.trimEnd()}\n# ${marker}\n` } : body
    }
    case 'splunk':
      return { ...body, description: described(body['description'], marker) }
    case 'sentinel':
      return within(body, ['properties'], marker)
    case 'defender':
      return within(body, ['detectionAction', 'alertTemplate'], marker)
  }
}

/** The mark that stands anywhere in what a target gave; undefined where there is none. */
export function findMarker(given: Json): Marked | undefined {
  const [, install, ruleId, version, digest] = MARKER.exec(JSON.stringify(given)) ?? []
  if (install === undefined || ruleId === undefined || digest === undefined) return undefined
  return { install, ruleId, version: Number(version), digest }
}

const IN_TEXT = new RegExp(`\\s*(?:# )?${MARKER.source}\\s*$`)

/** As it would stand without the mark: in the vendor's shape as well as in the adapter's one spelling. */
export function withoutMarker<Given extends Json>(given: Given): Given {
  return bare(given) as Given
}

function bare(value: Json): Json {
  if (typeof value === 'string') return value.replace(IN_TEXT, '')
  if (isList(value)) return value.filter((item) => !isMark(item)).map(bare)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([key, item]) => key !== 'marker' || !isMark(item))
  return Object.fromEntries(members.map(([key, item]) => [key, bare(item)]))
}

function isMark(value: Json): boolean {
  return typeof value === 'string' && new RegExp(`^${MARKER.source}$`).test(value)
}

function within(body: Body, path: readonly string[], marker: string): Body {
  const [key, ...rest] = path
  if (key === undefined) return { ...body, description: described(body['description'], marker) }
  const inner = body[key]
  const isGroup = typeof inner === 'object' && inner !== null && !isList(inner)
  return { ...body, [key]: within(isGroup ? inner : {}, rest, marker) }
}

function described(text: Json | undefined, marker: string): string {
  return typeof text === 'string' && text !== '' ? `${text.trimEnd()}\n\n${marker}` : marker
}

function listOf(value: Json | undefined): readonly Json[] {
  return value !== undefined && isList(value) ? value : []
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
