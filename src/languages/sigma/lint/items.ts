// Checks of detection items as a whole: lists, modifiers, and tests that go with each other or not.

import { hasHostBits, parseNetwork } from '#languages/cidr.ts'
import type { DetectionItem } from '#languages/sigma/rule.ts'
import { isSurprising } from '#languages/sigma/scalar.ts'
import { ofItem, ofRule, type Check } from './check.ts'

export const ITEM_CHECKS: readonly Check[] = [
  ofItem(
    {
      code: 'sigma/all-with-one-value',
      severity: 'warning',
      why: '"all" joins several values; with one it does nothing, and some targets refuse it.',
      bad: 'detection: {a: {CommandLine|contains|all: whoami}, condition: a}',
      good: 'detection: {a: {CommandLine|contains: whoami}, condition: a}',
    },
    (one, report) => {
      if (one.link === 'and' && one.values.length === 1) report(one, '"all" has only one value.')
    },
  ),
  ofItem(
    {
      code: 'sigma/all-of-whole-values',
      severity: 'warning',
      why: 'One value cannot equal two texts at once: only a list of values can satisfy it.',
      bad: 'detection: {a: {User|all: [ada, ravi]}, condition: a}',
      good: 'detection: {a: {User|contains|all: [ada, ravi]}, condition: a}',
    },
    (one, report) => {
      const isWhole = one.values.every(
        (value) => value.kind === 'text' && value.parts.every((part) => typeof part === 'string'),
      )
      const isJoined = one.link === 'and' && one.values.length > 1 && one.field !== undefined
      if (isJoined && isWhole) report(one, 'No single value equals all of these.')
    },
  ),
  ofItem(
    {
      code: 'sigma/null-in-list',
      severity: 'warning',
      why: 'The specification allows null alone; tools differ in what they make of it.',
      bad: 'detection: {a: {User: [ada, null]}, condition: a}',
      good: 'detection: {a: {User: ada}, b: {User: null}, condition: a or b}',
    },
    (one, report) => {
      if (one.values.length > 1 && one.values.some((value) => value.kind === 'null')) {
        report(one, 'null stands in a list.', 'Make it a search of its own.')
      }
    },
  ),
  ofItem(
    {
      code: 'sigma/duplicate-value',
      severity: 'warning',
      why: 'The second one changes nothing; another was meant, perhaps.',
      bad: 'detection: {a: {User: [ada, ADA]}, condition: a}',
      good: 'detection: {a: {User: [ada, ravi]}, condition: a}',
    },
    (one, report) => {
      const seen = new Set<string>()
      const isCased = one.modifiers.some((name) => CASED.has(name))
      for (const scalar of one.written) {
        const key = isCased ? scalar.text : scalar.text.toLowerCase()
        if (seen.has(key)) report(scalar, `"${scalar.text.slice(0, 60)}" is listed twice.`)
        seen.add(key)
      }
    },
  ),
  ofItem(
    {
      code: 'sigma/covered-value',
      severity: 'info',
      why: 'A shorter value in the list already finds everything this one finds.',
      bad: 'detection: {a: {CommandLine|contains: [whoami, whoami.exe]}, condition: a}',
      good: 'detection: {a: {CommandLine|contains: [whoami, hostname]}, condition: a}',
    },
    (one, report) => {
      const how = (['contains', 'startswith', 'endswith'] as const).find((name) =>
        one.modifiers.includes(name),
      )
      const isPlain = one.modifiers.every((name) => name === how || name === 'windash')
      if (how === undefined || !isPlain || one.link === 'and' || one.written.length > 200) return
      const texts = one.written.map(({ text }) => text.toLowerCase())
      for (const [at, scalar] of one.written.entries()) {
        const cover = texts.findIndex(
          (other, index) => index !== at && covers(other, texts[at]!, how),
        )
        if (cover >= 0)
          report(scalar, `"${one.written[cover]!.text}" already finds what this finds.`)
      }
    },
  ),
  ofItem(
    {
      code: 'sigma/repeated-modifier',
      severity: 'warning',
      why: 'The second one changes nothing.',
      bad: 'detection: {a: {CommandLine|contains|contains: whoami}, condition: a}',
      good: 'detection: {a: {CommandLine|contains: whoami}, condition: a}',
    },
    (one, report) => {
      const twice = one.modifiers.find((name, at) => one.modifiers.indexOf(name) !== at)
      if (twice !== undefined) report(one, `The modifier "${twice}" is repeated.`)
    },
  ),
  ofItem(
    {
      code: 'sigma/modifiers-overlap',
      severity: 'warning',
      why: 'The wider of the two decides; the other only misleads.',
      bad: 'detection: {a: {CommandLine|contains|endswith: whoami}, condition: a}',
      good: 'detection: {a: {CommandLine|contains: whoami}, condition: a}',
    },
    (one, report) => {
      const names = ['contains', 'startswith', 'endswith'].filter((name) =>
        one.modifiers.includes(name),
      )
      if (names.length > 1) report(one, `"${names[0]}" and "${names[1]}" stand together.`)
    },
  ),
  ofItem(
    {
      code: 'sigma/cased-expression',
      severity: 'info',
      why: 'Expressions regard case anyway.',
      bad: "detection: {a: {CommandLine|cased|re: 'who.mi'}, condition: a}",
      good: "detection: {a: {CommandLine|re: 'who.mi'}, condition: a}",
    },
    (one, report) => {
      if (one.modifiers.includes('cased') && one.modifiers.includes('re')) {
        report(one, '"cased" changes nothing for an expression.')
      }
    },
  ),
  ofItem(
    {
      code: 'sigma/windash-without-dash',
      severity: 'info',
      why: 'There is nothing to exchange.',
      bad: 'detection: {a: {CommandLine|windash|contains: whoami}, condition: a}',
      good: "detection: {a: {CommandLine|windash|contains: ' -all'}, condition: a}",
    },
    (one, report) => {
      if (!one.modifiers.includes('windash')) return
      if (!one.written.some(({ text }) => /[-/\u2013-\u2015]/.test(text))) {
        report(one, '"windash" finds no dash in any value.')
      }
    },
  ),
  ofItem(
    {
      code: 'sigma/encoded-whole',
      severity: 'warning',
      why: 'Encoded text stands inside longer text; without "contains" the whole value is compared.',
      bad: 'detection: {a: {CommandLine|base64offset: whoami}, condition: a}',
      good: 'detection: {a: {CommandLine|base64offset|contains: whoami}, condition: a}',
    },
    (one, report) => {
      if (one.modifiers.includes('base64offset') && !one.modifiers.includes('contains')) {
        report(one, 'The variants of an offset are never a whole value.', 'Add "contains".')
      }
    },
  ),
  ofItem(
    {
      code: 'sigma/encoded-without-offset',
      severity: 'info',
      why: 'Inside a longer encoded text the same words look different at each of three offsets.',
      bad: 'detection: {a: {CommandLine|base64|contains: whoami}, condition: a}',
      good: 'detection: {a: {CommandLine|base64offset|contains: whoami}, condition: a}',
    },
    (one, report) => {
      if (one.modifiers.includes('base64') && one.modifiers.includes('contains')) {
        report(one, 'Only one of three offsets is found.', 'Use base64offset.')
      }
    },
  ),
  ofItem(
    {
      code: 'sigma/wide-without-encoding',
      severity: 'warning',
      why: 'Log fields hold text, not its bytes in UTF-16: the value occurs in Base64 only.',
      bad: 'detection: {a: {CommandLine|wide|contains: whoami}, condition: a}',
      good: 'detection: {a: {CommandLine|wide|base64offset|contains: whoami}, condition: a}',
    },
    (one, report) => {
      const wide = one.modifiers.find((name) => WIDE.has(name))
      const isEncoded = one.modifiers.some((name) => name.startsWith('base64'))
      if (wide !== undefined && !isEncoded) report(one, `"${wide}" stands without base64offset.`)
    },
  ),
  ofItem(
    {
      code: 'sigma/field-itself',
      severity: 'error',
      why: 'A field always equals itself.',
      bad: 'detection: {a: {User|fieldref: User}, condition: a}',
      good: 'detection: {a: {User|fieldref: ParentUser}, condition: a}',
    },
    (one, report) => {
      for (const value of one.values) {
        if (value.kind === 'fieldref' && value.other.toLowerCase() === one.field?.toLowerCase()) {
          report(one, 'The field is compared with itself.')
        }
      }
    },
  ),
  ofItem(
    {
      code: 'sigma/surprising-scalar',
      severity: 'warning',
      why: 'YAML 1.1 reads yes, 010 and 12:30 as other values than they look.',
      bad: 'detection: {a: {LogonId: 010}, condition: a}',
      good: "detection: {a: {LogonId: '010'}, condition: a}",
    },
    (one, report) => {
      for (const scalar of one.written) {
        if (scalar.isPlain && isSurprising(scalar.text)) {
          const message = `${scalar.text} is read as ${String(scalar.value)}.`
          report(scalar, message, 'Put it in quotes if text is meant.')
        }
      }
    },
  ),
  ofItem(
    {
      code: 'sigma/network-host-bits',
      severity: 'warning',
      why: 'Only the bits of the prefix count.',
      bad: 'detection: {a: {DestinationIp|cidr: 10.1.2.3/8}, condition: a}\nlogsource: {category: network_connection, product: windows}',
      good: 'detection: {a: {DestinationIp|cidr: 10.0.0.0/8}, condition: a}\nlogsource: {category: network_connection, product: windows}',
    },
    (one, report) => {
      for (const [at, value] of one.values.entries()) {
        const network = value.kind === 'cidr' ? parseNetwork(value.network) : undefined
        if (network && hasHostBits(network)) {
          report(one.written[at] ?? one, 'The address has bits beyond its prefix.')
        }
      }
    },
  ),
  ofItem(
    {
      code: 'sigma/network-of-everything',
      severity: 'warning',
      why: 'A prefix of no bits is every address.',
      bad: 'detection: {a: {DestinationIp|cidr: 0.0.0.0/0}, condition: a}\nlogsource: {category: network_connection, product: windows}',
      good: 'detection: {a: {DestinationIp|cidr: 10.0.0.0/8}, condition: a}\nlogsource: {category: network_connection, product: windows}',
    },
    (one, report) => {
      for (const [at, value] of one.values.entries()) {
        if (value.kind === 'cidr' && value.network.endsWith('/0')) {
          report(one.written[at] ?? one, 'Every address is in this network.')
        }
      }
    },
  ),
  ofItem(
    {
      code: 'sigma/time-out-of-range',
      severity: 'error',
      why: 'No date has such a part: the test never holds.',
      bad: 'detection: {a: {UtcTime|hour: 25}, condition: a}\nlogsource: {category: test}',
      good: 'detection: {a: {UtcTime|hour: 23}, condition: a}\nlogsource: {category: test}',
    },
    (one, report) => {
      for (const [at, value] of one.values.entries()) {
        if (value.kind !== 'time' || value.op !== 'eq') continue
        const [low, high] = TIME_RANGES[value.part]
        if (value.value < low || value.value > high || !Number.isInteger(value.value)) {
          const message = `"${value.part}" is ${low} to ${high}.`
          report(one.written[at] ?? one, message)
        }
      }
    },
  ),
  ofItem(
    {
      code: 'sigma/space-in-field',
      severity: 'info',
      why: 'Most targets have no such field.',
      bad: 'detection: {a: {Threat Name: x}, condition: a}\nlogsource: {category: test}',
      good: 'detection: {a: {ThreatName: x}, condition: a}\nlogsource: {category: test}',
    },
    (one, report) => {
      if (one.field !== undefined && /\s/.test(one.field)) {
        report(one, `The field "${one.field}" has a space in its name.`)
      }
    },
  ),
  ofItem(
    {
      code: 'sigma/invisible-in-field',
      severity: 'warning',
      why: 'Nobody sees why the field is never found.',
      bad: 'detection: {a: {"Us\\u200Ber": x}, condition: a}\nlogsource: {category: test}',
      good: 'detection: {a: {User: x}, condition: a}\nlogsource: {category: test}',
    },
    (one, report) => {
      if (one.field !== undefined && /[\u00ad\u200b-\u200f\u2060\ufeff]/.test(one.field)) {
        report(one, 'The name of the field has an invisible character.')
      }
    },
  ),
  ofRule(
    {
      code: 'sigma/search-of-one-map',
      severity: 'info',
      why: 'A list of one map is the map; the dash makes readers look for the alternatives.',
      bad: 'detection: {a: [{Image: x}], condition: a}',
      good: 'detection: {a: {Image: x}, condition: a}',
    },
    ({ detections }, report) => {
      for (const group of detections.searches.values()) {
        const [only] = group.items
        if (group.link === 'or' && group.items.length === 1 && only?.kind === 'group') {
          report(group, 'The list holds one map.')
        }
      }
    },
  ),
  ofRule(
    {
      code: 'sigma/maps-for-values',
      severity: 'info',
      why: 'Maps of the same one field are a list of values, shorter to read and to convert.',
      bad: "detection: {a: [{Image|endswith: '\\a.exe'}, {Image|endswith: '\\b.exe'}], condition: a}",
      good: "detection: {a: {Image|endswith: ['\\a.exe', '\\b.exe']}, condition: a}",
    },
    ({ detections }, report) => {
      for (const group of detections.searches.values()) {
        if (group.link !== 'or' || group.items.length < 2) continue
        const keys = group.items.map((item) =>
          item.kind === 'group' && item.items.length === 1 ? keyOf(item.items[0]!) : undefined,
        )
        if (keys[0] !== undefined && keys.every((key) => key === keys[0])) {
          report(group, 'Each map of the list tests the same field in the same way.')
        }
      }
    },
  ),
]

const CASED: ReadonlySet<string> = new Set(['re', 'cased'])
const WIDE: ReadonlySet<string> = new Set(['wide', 'utf16', 'utf16le', 'utf16be'])
const TIME_RANGES = {
  minute: [0, 59],
  hour: [0, 23],
  day: [1, 31],
  week: [1, 53],
  month: [1, 12],
  year: [1970, 9999],
} as const

function covers(other: string, text: string, how: 'contains' | 'startswith' | 'endswith'): boolean {
  if (other.length === 0 || other.length >= text.length || /[*?\\]/.test(other)) return false
  if (how === 'contains') return text.includes(other)
  return how === 'startswith' ? text.startsWith(other) : text.endsWith(other)
}

function keyOf(item: DetectionItem | { readonly kind: 'group' }): string | undefined {
  if (item.kind === 'group' || item.field === undefined || item.link === 'and') return undefined
  return [item.field, ...item.modifiers].join('|')
}
