// Events made from a rule: some that its tests ask for, most that miss by little. Every choice comes
// from a seed, so that a failure can be told again.

import {
  leaves,
  type FieldTest,
  type Predicate,
  type Test,
  type TextPattern,
} from '#languages/predicate.ts'

/** Values that are fine for JSON; lists are several values of one field. */
export type MadeValue = string | number | boolean | null | readonly (string | number)[]
export type MadeEvent = Readonly<Record<string, MadeValue>>

export type Random = () => number

/** Numbers from 0 to 1; small and good enough to choose by. */
export function randomFrom(seed: number): Random {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)]!
}

/** One event; `isKind` makes its values mostly what the tests ask for. */
export function makeEvent(
  predicates: readonly Predicate[],
  random: Random,
  { hasLists, isKind }: { readonly hasLists: boolean; readonly isKind: boolean },
): MadeEvent {
  const event: Record<string, MadeValue> = {}
  for (const [field, tests] of testsByField(predicates)) {
    if (random() < 0.12) continue
    const test = pick(random, tests)
    const value = makeValue(test, random, isKind ? 0.15 : 0.5)
    const other = test.kind === 'number' || test.kind === 'compare' ? 12_345 : 'other'
    const isListed =
      hasLists && (typeof value === 'string' || typeof value === 'number') && random() < 0.3
    event[field] = isListed ? [pick(random, [other, value]), value] : value
  }
  return event
}

export function testsByField(
  predicates: readonly Predicate[],
): ReadonlyMap<string, readonly Test[]> {
  const byField = new Map<string, Test[]>()
  const note = (field: string, test: Test) => {
    const known = byField.get(field)
    if (known) known.push(test)
    else byField.set(field, [test])
  }
  for (const predicate of predicates) {
    for (const leaf of leaves(predicate)) {
      if (leaf.kind !== 'test') note('Message', leaf.test)
      else {
        note(leaf.field, leaf.test)
        if (leaf.test.kind === 'fieldref') note(leaf.test.other, leaf.test)
      }
    }
  }
  return byField
}

function makeValue(test: Test, random: Random, missShare: number): MadeValue {
  const isMiss = random() < missShare
  switch (test.kind) {
    case 'text': {
      const text = fill(test.pattern, random)
      return isMiss ? spoil(text, random) : vary(text, random)
    }
    case 'number':
      return pick(random, [
        test.value,
        String(test.value),
        test.value + (isMiss ? 1 : 0),
        `${isMiss ? '1' : ''}${test.value}`,
      ])
    case 'compare':
      return pick(random, [
        test.value,
        test.value - 1,
        test.value + 1,
        String(test.value + (isMiss ? 2 : 1)),
      ])
    case 'boolean':
      return pick(random, [test.value, String(test.value), ...(isMiss ? [!test.value, 'yes'] : [])])
    case 'cidr':
      return makeAddress(test.network, random, isMiss)
    case 'null':
    case 'exists':
      return pick(random, ['x', 'a longer value'])
    case 'time':
      return pick(random, [
        '2026-02-28T23:59:00Z',
        '2025-12-29 00:30:00',
        '2024-02-29T12:00:00Z',
        'no date',
      ])
    case 'fieldref':
      return pick(random, ['abc', 'ABC', 'abcabc', 'xabc', 'b', 'x.y'])
    case 'regex':
      return makeForRegex(test.pattern, random)
    case 'verbatim':
      return 'x'
  }
}

const FILLS = [
  '',
  'x',
  ' ',
  '\\',
  'C:\\',
  'Ünï',
  '日本',
  '😀',
  '"',
  '*',
  '?',
  "'",
  '%',
  '/',
  'a b',
  '(',
  '\n',
  '$',
]

function fill(pattern: TextPattern, random: Random): string {
  return pattern
    .map((part) => {
      if (typeof part === 'string') return part
      return part.wildcard === '?' ? pick(random, ['x', '*', 'é', '\\']) : pick(random, FILLS)
    })
    .join('')
}

/** The same to a rule: case does not count. */
function vary(text: string, random: Random): string {
  const way = random()
  if (way < 0.25)
    return text.toUpperCase().toLowerCase() === text.toLowerCase() ? text.toUpperCase() : text
  return way < 0.5 ? text.toLowerCase() : text
}

function spoil(text: string, random: Random): string {
  const at = Math.floor(random() * (text.length + 1))
  const ways: readonly (() => string)[] = [
    () => text.slice(0, at) + text.slice(at + 1),
    () => `${text.slice(0, at)}${pick(random, FILLS)}${text.slice(at)}`,
    () => `x${text}`,
    () => `${text}x`,
    () => text.replaceAll('\\', '\\\\'),
    () => text.replaceAll('\\', '/'),
    () => text.replaceAll(/[*?]/g, 'z'),
    () => `${text} `,
    () => text.split('').toReversed().join(''),
    () => '',
  ]
  return pick(random, ways)()
}

function makeAddress(network: string, random: Random, isMiss: boolean): string {
  const base = network.split('/')[0]!
  const near = base.includes(':')
    ? base.replace(/:$/, ':1')
    : base.replace(/\d+$/, String(Math.floor(random() * 256)))
  return isMiss
    ? pick(random, ['8.8.8.8', '2001:db8::1', 'no address', ''])
    : pick(random, [base, near])
}

/** Alternatives and optional parts make this a guess; what matters is that both sides see the same. */
function makeForRegex(pattern: string, random: Random): string {
  const plain = pattern
    .replaceAll(/\(\?[a-z:]*/g, '(')
    .replaceAll(/\\[bB]/g, '')
    .replaceAll(/\\d/g, '7')
    .replaceAll(/\\s/g, pick(random, [' ', '\t']))
    .replaceAll(/\\w/g, 'w')
    .replaceAll(/\[\^?([^\]])[^\]]*\]/g, '$1')
    .replaceAll(/\{[\d,]+\}/g, '')
    .replaceAll(/\\(.)/g, '$1')
    .replaceAll(/[*+?^$]/g, '')
  const [alternative = ''] = pick(random, [plain.split('|'), plain.split('|').toReversed()])
  const text = alternative.replaceAll(/[()]/g, '')
  return pick(random, [
    text,
    `${text}${pick(random, FILLS)}`,
    `${pick(random, FILLS)}${text}`,
    text.toUpperCase(),
    `|${text}`,
  ])
}

/** The tests of one field, for those who choose column types by them. */
export function isOnly(
  tests: readonly Test[],
  ...kinds: readonly FieldTest['test']['kind'][]
): boolean {
  return tests.every(({ kind }) => kinds.includes(kind))
}

/** The event with one of the fields that matter spoiled, taken away, or of another type. */
export function mutate(event: MadeEvent, fields: readonly string[], random: Random): MadeEvent {
  const present = fields.filter((field) => field in event)
  if (present.length === 0) return event
  const field = pick(random, present)
  const { [field]: value = null, ...rest } = event
  const way = random()
  if (way < 0.2) return rest
  if (typeof value === 'number') return { ...rest, [field]: way < 0.6 ? String(value) : value + 1 }
  if (typeof value !== 'string') return event
  return { ...rest, [field]: way < 0.5 ? vary(value, random) : spoil(value, random) }
}
