// Rules as other products write them, made into rule files of ours. The query, the name and the
// description move to their places; every other field of the vendor stays verbatim under `settings`,
// so a rule can be written back as it was. What both can say (level, ATT&CK, entities) is said twice:
// for that vendor, its own settings win.

import { Document, Scalar, visit } from 'yaml'
import type { Problem } from '#kernel/problem.ts'
import type { Detail } from './observed/object.ts'

export interface ForeignRule {
  /** Where it stood in its file: a stanza, a resource, a line. */
  readonly place: string
  /** The text of a rule file. */
  readonly text: string
  readonly problems: readonly Problem[]
}

export interface ForeignFile {
  readonly rules: readonly ForeignRule[]
  /** What could not be read, and what was left out. */
  readonly problems: readonly Problem[]
}

export interface ForeignParts {
  readonly title: string
  readonly id?: string | undefined
  readonly description?: string | undefined
  readonly author?: string | undefined
  readonly level?: string | undefined
  readonly references?: readonly string[]
  readonly tags?: readonly string[]
  readonly falsepositives?: readonly string[]
  readonly schedule?: Readonly<Record<string, string>> | undefined
  readonly entities?: readonly { readonly type: string; readonly field: string }[]
  readonly throttle?: ForeignThrottle | undefined
  readonly output?: unknown
  readonly titleTemplate?: string | undefined
  readonly kind: 'splunk' | 'sentinel' | 'elastic' | 'defender'
  readonly type: string
  readonly query: string
  readonly settings: Readonly<Record<string, unknown>>
}

export interface ForeignThrottle {
  readonly mode: 'all' | 'per_value'
  readonly fields?: readonly string[]
  readonly period: string
  readonly missing?: string | undefined
}

/**
 * The same with fewer words beside the settings, which keep everything: for an object that must be
 * written back as it is, where one of the words means something else there.
 */
export function withDetail(parts: ForeignParts, detail: Detail): ForeignParts {
  if (detail === 'all') return parts
  const { level: _, ...rest } = parts
  if (detail === 'without_level') return rest
  const { schedule: _s, throttle: _t, entities: _e, output: _o, ...words } = rest
  if (detail === 'without_schedule') return words
  const { title, id, description, titleTemplate, kind, type, query, settings } = words
  return { title, id, description, titleTemplate, kind, type, query, settings }
}

/** The rule file of these parts; what is empty is left out. */
export function ruleFileOf(parts: ForeignParts): string {
  const { kind, type, query, settings, title, id, ...rest } = parts
  const { schedule, entities, throttle, output, titleTemplate } = rest
  const { description, author, references, level, tags, falsepositives } = rest
  const implementation = prune({ type, query, settings })
  const content = prune({
    title,
    id,
    description,
    references,
    author,
    tags,
    falsepositives,
    level,
    rulewright: prune({
      output,
      entities,
      schedule,
      throttle,
      titleTemplate,
      implementations: { [kind]: implementation },
    }),
  })
  const document = new Document(content, { version: '1.1' })
  visit(document, {
    Scalar(_key, node) {
      // Queries are read by people: one line of the query is one line of the file.
      // A block would turn carriage returns into line breaks.
      const { value } = node
      if (typeof value === 'string' && value.includes('\n') && !value.includes('\r')) {
        node.type = Scalar.BLOCK_LITERAL
      }
    },
  })
  return document.toString({ lineWidth: 0 })
}

function prune(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && !isEmpty(value)),
  )
}

function isEmpty(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === ''
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0
}

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i

/** What may stand as the id of a Sigma document; undefined for anything else. */
export function uuidOf(value: unknown): string | undefined {
  return typeof value === 'string' && UUID.test(value) ? value.toLowerCase() : undefined
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}

export function textsOf(value: unknown): readonly string[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : []
  return items.flatMap((item) => textOf(item) ?? [])
}

export function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isRecord ? (value as Readonly<Record<string, unknown>>) : undefined
}

/** The records of a list; nothing when it is no list. */
export function recordsOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : []
  return items.map(recordOf).filter((item) => item !== undefined)
}

/** Tags for tactics (`DefenseEvasion`, `Defense Evasion`) and techniques (`T1059.001`), each once. */
export function attackTags(
  tactics: readonly string[],
  techniques: readonly string[],
): readonly string[] {
  const names = tactics.map((name) =>
    name
      .trim()
      .replaceAll(/([a-z])([A-Z])/g, '$1-$2')
      .replaceAll(/[\s_]+/g, '-')
      .toLowerCase(),
  )
  const ids = techniques.filter((id) => /^T\d{4}(?:\.\d{3})?$/i.test(id.trim()))
  return [...new Set([...names, ...ids.map((id) => id.trim().toLowerCase())])].map(
    (name) => `attack.${name}`,
  )
}

export function foreignError(message: string, line?: number, hint?: string): Problem {
  return {
    code: 'import/unreadable',
    severity: 'error',
    message,
    ...(line === undefined ? {} : { line, column: 1, endLine: line, endColumn: 1 }),
    ...(hint === undefined ? {} : { hint }),
  }
}

export function leftOut(message: string): Problem {
  return { code: 'import/left-out', severity: 'info', message }
}
