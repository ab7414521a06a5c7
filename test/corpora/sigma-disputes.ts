// Where two reference engines differ about a rule and an event, the specification decides. Each cause
// says which way, by which words of it, and how to see that it is the cause: the first one that applies
// to a disputed pair decides it. Sections are those of the rules specification 2.1.0 unless said.

import { leaves, type Leaf, type Predicate, type Test } from '#languages/predicate.ts'
import { EventView, FieldTable } from '#languages/sigma/event.ts'
import { lower } from '#languages/sigma/lower.ts'
import { agrees, type EventSource } from '#languages/sigma/match.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'
import { compileTest } from '#languages/sigma/test.ts'

export interface Dispute {
  readonly rule: SigmaRule
  readonly predicate: Predicate
  readonly leaves: readonly Leaf[]
  readonly event: Readonly<Record<string, unknown>>
  readonly source: EventSource
  /** What the engine that compares in memory says, and the one that runs SQL. */
  readonly inMemory: boolean
  readonly inSql: boolean
}

export interface Cause {
  readonly name: string
  readonly isMatch: boolean
  readonly section: string
  applies(one: Dispute): boolean
}

export function disputeOf(
  rule: SigmaRule,
  event: Dispute['event'],
  source: EventSource,
  told: Pick<Dispute, 'inMemory' | 'inSql'>,
): Dispute {
  const { predicates } = lower(rule.detections)
  const predicate: Predicate = { kind: 'or', of: predicates }
  return { rule, predicate, leaves: [...leaves(predicate)], event, source, ...told }
}

export const CAUSES: readonly Cause[] = [
  {
    name: 'the rule is for another log source than the event is of',
    isMatch: false,
    section:
      'Log Source: "describes the log data on which the detection is meant to be applied to"',
    applies: ({ rule, source, inSql }) => inSql && !agrees(rule.logsource, source),
  },
  {
    name: 'an empty text is not null',
    isMatch: false,
    section: 'Special Field Values: null "is its own type", an empty value is written \'\'',
    applies: ({ leaves: all, event, inSql }) =>
      inSql && all.some((leaf) => leaf.test.kind === 'null' && valueOf(event, leaf) === ''),
  },
  {
    name: 'windash exchanges the characters both ways',
    isMatch: true,
    section:
      'Modifiers appendix, windash: "converts the aforementioned characters interchangeably"',
    applies: ({ rule, inMemory }) => !inMemory && hasModifier(rule, 'windash'),
  },
  {
    name: 'a question mark stands for one character',
    isMatch: true,
    section: 'String Wildcard: "`?` to replace a single mandatory character"',
    applies: ({ leaves: all, inMemory }) =>
      !inMemory &&
      all.some(({ test }) => test.kind === 'text' && test.pattern.some((part) => isOne(part))),
  },
  {
    name: 'keywords are looked for in the whole event',
    isMatch: true,
    section: 'Keywords search: "searching for keywords across an entire event"',
    applies: ({ leaves: all, inSql }) => !inSql && all.some(({ kind }) => kind === 'keyword'),
  },
  {
    name: 'event 4688 is a process creation, under its mapped names',
    isMatch: true,
    section:
      'Field Usage: Image is NewProcessName; Log Source: process_creation is not only Sysmon',
    applies: ({ event, source, inSql }) =>
      !inSql && event.EventID === 4688 && [source.category].flat().includes('process_creation'),
  },
  {
    name: 'attributes are joined with their element: Provider_Name',
    isMatch: true,
    section: 'Field Usage, Examples i: `<Provider Name=…>` "will be `Provider_Name`"',
    applies: (one) => {
      const { Provider_Name: _, ...without } = one.event
      return !one.inSql && !holds(one.predicate, without)
    },
  },
  {
    name: 'a test of a missing field is false, and its negation true',
    isMatch: true,
    section: 'Condition: "not" is the negation of what follows it; Field Existence',
    applies: (one) => !one.inSql && threeValued(one.predicate, one.event) !== true,
  },
  {
    name: 'an empty text is a value that can be compared',
    isMatch: true,
    section: 'Special Field Values: "An empty value is defined with \'\'"',
    applies: (one) => {
      const kept = Object.entries(one.event).filter(([, value]) => value !== '')
      return !one.inSql && threeValued(one.predicate, Object.fromEntries(kept)) !== true
    },
  },
  {
    name: 'texts are equal whatever their case, and an expression with "i" too',
    isMatch: true,
    section: 'General: "All values are treated as case-insensitive strings"; Modifiers, `re|i`',
    applies: (one) => !one.inSql && !holds(withCase(one.predicate), one.event),
  },
  {
    name: 'true in a rule is the text "true" in an event',
    isMatch: true,
    section: 'General: "All values are treated as case-insensitive strings"',
    applies: ({ leaves: all, event, inSql }) =>
      !inSql &&
      all.some((leaf) => leaf.test.kind === 'boolean' && typeof valueOf(event, leaf) === 'string'),
  },
  {
    name: 'one value of several in the event is enough',
    isMatch: true,
    section:
      'Detection: a field test asks for the value of the field; Windows writes Data repeatedly',
    applies: ({ leaves: all, event, inSql }) =>
      !inSql && all.some((leaf) => Array.isArray(valueOf(event, leaf))),
  },
  {
    name: 'a list may be longer than a database can nest',
    isMatch: true,
    section: 'Lists: all items of a list are "linked with \'OR\'", however many',
    applies: ({ leaves: all, inSql }) => !inSql && all.length > 1_000,
  },
  {
    name: 'every plain value of the rule stands in the event',
    isMatch: true,
    section: 'Maps: the items of a map are joined with AND; Log Source: the source agrees',
    applies: ({ rule, predicate, leaves: all, event, source, inSql }) =>
      !inSql &&
      agrees(rule.logsource, source) &&
      isConjunction(predicate) &&
      all.every((leaf) => holds(leaf, event)),
  },
]

function hasModifier(rule: SigmaRule, name: string): boolean {
  return JSON.stringify(rule.root).includes(`|${name}`)
}

function isOne(part: string | object): boolean {
  return typeof part === 'object' && 'wildcard' in part && part.wildcard === '?'
}

function valueOf(event: Dispute['event'], leaf: Leaf): unknown {
  return leaf.kind === 'test' ? event[leaf.field] : undefined
}

function isConjunction(predicate: Predicate): boolean {
  if (predicate.kind === 'test') return true
  const isAnd = predicate.kind === 'and' || (predicate.kind === 'or' && predicate.of.length === 1)
  return isAnd && predicate.of.every(isConjunction)
}

function ask(leaf: Leaf, event: object): { readonly isMissing: boolean; readonly holds: boolean } {
  const table = new FieldTable()
  const field = leaf.kind === 'test' ? leaf.field : undefined
  const check = compileTest(leaf.test, field, table)
  const view = new EventView(table)
  view.load(event)
  return {
    isMissing: field !== undefined && view.valuesAt(table.slotOf(field)) === undefined,
    holds: typeof check === 'function' && check(view),
  }
}

function holds(predicate: Predicate, event: object): boolean {
  return evaluate(predicate, (leaf) => ask(leaf, event).holds) === true
}

/** As SQL has it: a test of a missing field is neither true nor false. */
function threeValued(predicate: Predicate, event: object): boolean | undefined {
  return evaluate(predicate, (leaf) => {
    const { isMissing, holds: isTrue } = ask(leaf, event)
    const isOfPresence = leaf.test.kind === 'null' || leaf.test.kind === 'exists'
    return isMissing && !isOfPresence ? undefined : isTrue
  })
}

function evaluate(
  predicate: Predicate,
  answer: (leaf: Leaf) => boolean | undefined,
): boolean | undefined {
  switch (predicate.kind) {
    case 'constant':
      return predicate.value
    case 'not': {
      const inner = evaluate(predicate.of, answer)
      return inner === undefined ? undefined : !inner
    }
    case 'and':
    case 'or': {
      const decisive = predicate.kind === 'or'
      const answers = predicate.of.map((one) => evaluate(one, answer))
      if (answers.includes(decisive)) return decisive
      return answers.includes(undefined) ? undefined : !decisive
    }
    case 'test':
    case 'keyword':
      return answer(predicate)
  }
}

/** Whole texts regard case, as `=` does in SQL, and expressions lose their flags. */
function withCase(predicate: Predicate): Predicate {
  switch (predicate.kind) {
    case 'not':
      return { kind: 'not', of: withCase(predicate.of) }
    case 'and':
    case 'or':
      return { kind: predicate.kind, of: predicate.of.map(withCase) }
    case 'test':
      return { ...predicate, test: casedTest(predicate.test) }
    default:
      return predicate
  }
}

function casedTest(test: Test): Test {
  if (test.kind === 'regex') return { ...test, flags: [] }
  const isWhole = test.kind === 'text' && test.pattern.every((part) => typeof part === 'string')
  return isWhole ? { ...test, isCased: true } : test
}
