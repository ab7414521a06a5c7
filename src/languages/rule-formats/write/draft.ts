// A body while it is made. Three things come together in it, field by field: what the rule says, what is
// usual when nobody says anything, and the vendor's own settings, which are kept verbatim. A setting
// stands over what is usual. Where the rule says the same thing in other words the setting stays as it is
// written; where it says something else the rule counts, and the conflict is told.

import type { Json } from '#kernel/json.ts'
import { hasErrors, type Problem } from '#kernel/problem.ts'
import type { Body, Written } from './rule.ts'

export type Path = readonly string[]
type IsSame = (theirs: unknown, ours: Json) => boolean

interface Field {
  readonly path: Path
  readonly value: Json
  readonly isSame: IsSame
}

export class Draft {
  readonly #place: string
  readonly #said: Field[] = []
  readonly #usual: Field[] = []
  readonly #problems: Problem[] = []

  readonly #isWhole: boolean

  /**
   * `place` is the vendor's name, for sentences. `isWhole`: the settings are those of an object that was
   * there already, so what it leaves out it leaves out.
   */
  constructor(place: string, isWhole: boolean) {
    this.#place = place
    this.#isWhole = isWhole
  }

  /** What the rule says. `isSame` knows the vendor's other words for it. */
  say(path: string, value: Json, isSame: IsSame = same): void {
    this.#said.push({ path: path.split('/'), value, isSame })
  }

  /** What holds when neither the rule nor the settings say anything. */
  assume(path: string, value: Json): void {
    if (!this.#isWhole) this.need(path, value)
  }

  /** The same for what the vendor's door insists on. */
  need(path: string, value: Json): void {
    this.#usual.push({ path: path.split('/'), value, isSame: same })
  }

  /** The place cannot say what the rule says: nothing is written there. `what` goes on after its name. */
  refuse(code: string, what: string, hint?: string): void {
    this.#report('error', code, what, hint)
  }

  /** It is written without this. */
  warn(code: string, what: string, hint?: string): void {
    this.#report('warning', code, what, hint)
  }

  #report(severity: Problem['severity'], code: string, what: string, hint?: string): void {
    const message = `${this.#place} ${what}.`
    this.#problems.push({ code: `body/${code}`, severity, message, ...(hint ? { hint } : {}) })
  }

  finish(settings: Readonly<Record<string, unknown>>): Written {
    const body: Record<string, unknown> = {}
    for (const { path, value } of this.#usual) put(body, path, value)
    overlay(body, settings)
    for (const { path, value, isSame } of this.#said) {
      const theirs = at(settings, path)
      if (theirs !== undefined && isSame(theirs, value)) continue
      if (theirs !== undefined) this.#tellConflict(path, theirs, value)
      put(body, path, value)
    }
    if (depthOf(body) > DEPTH_MAX) this.refuse('too-deep', 'takes no settings as deep as these')
    if (hasErrors(this.#problems)) return { problems: this.#problems }
    return { value: toJson(body) as Body, problems: this.#problems }
  }

  #tellConflict(path: Path, theirs: unknown, ours: Json): void {
    const name = path.join('.')
    this.warn(
      'conflict',
      `is given what the rule says for ${name} (${shown(ours)}); its settings say ${shown(theirs)}`,
      'Remove it from the settings, or change what the rule says.',
    )
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return (text.length > 100 ? `${text.slice(0, 100)}…` : text).toWellFormed()
}

/** Texts of numbers and truth are equal to them: vendors write both. */
export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(plain(a)) === JSON.stringify(plain(b))
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (isRecord(value)) {
    const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
    return Object.fromEntries(entries.map(([key, inner]) => [key, plain(inner)]))
  }
  if (value === true) return '1'
  if (value === false) return '0'
  return typeof value === 'number' ? String(value) : value
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) => (isRecord(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined),
    value,
  )
}

function put(body: Record<string, unknown>, path: Path, value: unknown): void {
  let inner = body
  for (const key of path.slice(0, -1)) {
    const next = Object.hasOwn(inner, key) ? inner[key] : undefined
    const map = isRecord(next) ? next : {}
    define(inner, key, map)
    inner = map
  }
  define(inner, path.at(-1)!, value)
}

function overlay(body: Record<string, unknown>, over: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(over)) {
    const known = Object.hasOwn(body, key) ? body[key] : undefined
    if (isRecord(value) && isRecord(known)) overlay(known, value)
    else define(body, key, isRecord(value) ? copyOf(value) : value)
  }
}

function copyOf(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  overlay(copy, record)
  return copy
}

// A key of somebody's own may be called `__proto__`.
function define(record: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(record, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  })
}

/** Below what canonical JSON takes. */
const DEPTH_MAX = 60

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Object.values(value).reduce<number>((most, one) => Math.max(most, depthOf(one)), 0)
}

/** What JSON cannot hold (a date, a number without end) becomes its text. */
function toJson(value: unknown): Json {
  if (Array.isArray(value)) return value.map(toJson)
  if (value instanceof Date) return value.toISOString()
  if (isRecord(value)) {
    const copy: Record<string, unknown> = {}
    for (const [key, inner] of Object.entries(value)) {
      if (inner !== undefined) define(copy, key, toJson(inner))
    }
    return copy as { [key: string]: Json }
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'string') return value.toWellFormed()
  return (value ?? null) as Json
}
