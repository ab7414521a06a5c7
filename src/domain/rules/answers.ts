// What a match or a correlation is called and shown as, at every door.

import { formatInstant, instant } from '#kernel/time.ts'
import type { Outline } from '#languages/sigma/parse.ts'
import type { SigmaDocument } from '#languages/sigma/rule.ts'
import type { Answer } from '#languages/sigma/run.ts'

export type RuleMatch =
  | {
      readonly rule: string
      readonly title: string | null
      readonly level: string | null
      /** Zero-based, in the order given. */
      readonly event: number
      readonly fields: Readonly<Record<string, unknown>>
    }
  | {
      readonly rule: string
      readonly type: string
      readonly group: Readonly<Record<string, unknown>>
      readonly events: readonly number[]
      /** RFC 3339. */
      readonly at: string
    }

export interface ReadFile {
  readonly path: string
  readonly outlines: readonly Outline[]
}

/** Where documents come from. */
export type Places = ReadonlyMap<SigmaDocument['root'], { readonly path: string; index: number }>

export function placesOf(files: readonly ReadFile[]): Places {
  return new Map(
    files.flatMap(({ path, outlines }) =>
      outlines.flatMap(({ document, index }) =>
        document ? [[document.root, { path, index }] as const] : [],
      ),
    ),
  )
}

/** The Sigma id, or `path#document`. */
export function nameOf(places: Places, { id, root }: SigmaDocument): string {
  const place = places.get(root)
  return id ?? `${place?.path}#${place?.index}`
}

export function toMatch(answer: Answer, places: Places): RuleMatch {
  if (answer.kind === 'match') {
    const { title, level } = answer.rule
    const rule = nameOf(places, answer.rule)
    const { event, fields } = answer
    return { rule, title, level: level ?? null, event, fields }
  }
  const { correlation, group, events, atMs } = answer
  return {
    rule: nameOf(places, correlation),
    type: correlation.type,
    group,
    events,
    at: formatInstant(instant(Math.floor(atMs))),
  }
}
