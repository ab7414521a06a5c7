// Why a rule judged an event as it did, in lines that can be kept and shown: of every part only what
// decided it, so that a list of a thousand values is told by the one that matched.

import { explainRule, type Explanation } from '#languages/sigma/explain.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'

export interface TraceLine {
  /** How deep it stands below its condition. */
  readonly depth: number
  /** Null when it cannot be told. */
  readonly isTrue: boolean | null
  /** `selection`, `and`, `Image ends with "\cmd.exe"` */
  readonly label: string
  /** What the field holds, as JSON; `nothing` when the event has no such field; null for other parts. */
  readonly saw: string | null
}

export interface Trace {
  /** Zero-based, among the events of the case. */
  readonly event: number
  readonly lines: readonly TraceLine[]
}

const LINES_MAX = 40
const PARTS_MAX = 8
const SAW_CHARS = 200

export function traceOf(rule: SigmaRule, event: object, number: number): Trace {
  const lines = explainRule(rule, event).flatMap((one) => linesOf(one, 0))
  return { event: number, lines: lines.slice(0, LINES_MAX) }
}

function linesOf(one: Explanation, depth: number): readonly TraceLine[] {
  const { isTrue, label, why } = one
  const saw = 'saw' in one ? (one.saw === undefined ? 'nothing' : show(one.saw)) : null
  const told = why === undefined ? label : `${label}: ${why}`
  const own = { depth, isTrue: isTrue ?? null, label: told.slice(0, LABEL_CHARS), saw }
  const parts = label === 'not' ? one.parts : one.parts.filter((part) => part.isTrue === isTrue)
  const inner = parts.slice(0, PARTS_MAX).flatMap((part) => linesOf(part, depth + 1))
  const rest = parts.length - PARTS_MAX
  if (rest <= 0) return [own, ...inner]
  const more = { depth: depth + 1, isTrue: isTrue ?? null, label: `and ${rest} more`, saw: null }
  return [own, ...inner, more]
}

const LABEL_CHARS = 500

function show(values: readonly unknown[]): string {
  const text = values.map((value) => JSON.stringify(value)).join(', ')
  return (text.length > SAW_CHARS ? `${text.slice(0, SAW_CHARS)}…` : text).toWellFormed()
}

const MARKS = { true: '✓', false: '✗', null: '?' } as const

/** As text: indented by its depth, with a mark for what was found. */
export function traceLine({ depth, isTrue, label, saw }: TraceLine): string {
  const mark = MARKS[`${isTrue}`]
  return `${'  '.repeat(depth + 1)}${mark} ${label}${saw === null ? '' : `, saw ${saw}`}`
}
