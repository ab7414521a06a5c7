// The shape of a check: a row of a table, documented by its own fields. `bad` and `good` are lines of
// a document laid over a sound rule key by key; tests run both, and the page about checks shows them.

import type { Attack } from '#languages/attack/attack.ts'
import type { Severity } from '#kernel/problem.ts'
import type {
  DetectionGroup,
  DetectionItem,
  Detections,
  SigmaDocument,
  SigmaRule,
} from '#languages/sigma/rule.ts'
import type { Range } from '#languages/sigma/source.ts'
import type { Value } from '#languages/sigma/value.ts'
import type { YamlMap } from '#languages/sigma/yaml.ts'

/** What is told about a check; what finds it is elsewhere for some (the reader, the schema). */
export interface CheckRow {
  readonly code: string
  readonly severity: Severity
  /** Why it matters. */
  readonly why: string
  readonly bad: string
  readonly good: string
}

export interface Subject {
  readonly root: YamlMap
  /** Undefined when the document could not be read; checks of the text still run. */
  readonly document: SigmaDocument | undefined
  /** Those of all searches, in the order of the text. */
  readonly items: readonly DetectionItem[]
  /** The values of all items that are still text as written; encoded or expanded ones are not. */
  readonly texts: readonly WrittenText[]
  /** `YYYY-MM-DD`; undefined when nobody says what day it is. */
  readonly today: string | undefined
  /** The version that tags are compared with. */
  readonly attack: Attack
  readonly report: (at: Range, message: string, hint?: string) => void
}

export interface Check extends CheckRow {
  run(subject: Subject): void
}

export type Report = Subject['report']

/** Of rules that could be read. */
export function ofRule(row: CheckRow, judge: (one: SigmaRule, report: Report) => void): Check {
  return {
    ...row,
    run({ document, report }) {
      if (document?.kind === 'rule') judge(document, report)
    },
  }
}

/** Of whatever has searches and conditions: rules and filters. */
export function ofDetections(
  row: CheckRow,
  judge: (one: Detections, report: Report) => void,
): Check {
  return {
    ...row,
    run({ document, report }) {
      if (document && document.kind !== 'correlation') judge(document.detections, report)
    },
  }
}

export function ofItem(row: CheckRow, judge: (one: DetectionItem, report: Report) => void): Check {
  return {
    ...row,
    run({ items, report }) {
      for (const one of items) judge(one, report)
    },
  }
}

export type TextValue = Extract<Value, { kind: 'text' }>

interface WrittenText {
  readonly value: TextValue
  readonly holder: DetectionItem
  readonly at: Range
}

type ReportHere = (message: string, hint?: string) => void

export function ofText(
  row: CheckRow,
  judge: (one: TextValue, report: ReportHere, holder: DetectionItem) => void,
): Check {
  return {
    ...row,
    run({ texts, report }) {
      let place: Range
      const reportHere: ReportHere = (message, hint) => report(place, message, hint)
      for (const { value, holder, at } of texts) {
        place = at
        judge(value, reportHere, holder)
      }
    },
  }
}

export function itemsIn(document: SigmaDocument | undefined): readonly DetectionItem[] {
  if (document === undefined || document.kind === 'correlation') return []
  return [...document.detections.searches.values()].flatMap(itemsOf)
}

export function textsIn(items: readonly DetectionItem[]): readonly WrittenText[] {
  return items.flatMap((holder) =>
    holder.values.flatMap((value, at) =>
      value.kind === 'text' ? [{ value, holder, at: holder.written[at] ?? holder }] : [],
    ),
  )
}

export function itemsOf(group: DetectionGroup): readonly DetectionItem[] {
  return group.items.flatMap((one) => (one.kind === 'group' ? itemsOf(one) : [one]))
}
