// Checks of detections: parts that can never matter, values that do not mean what they seem to, and
// patterns that do not run everywhere.

import { hasHostBits, parseNetwork } from '#languages/cidr.ts'
import { compileRegex } from '#languages/regex.ts'
import { references, selectNames, type Condition } from '#languages/sigma/condition.ts'
import type { DetectionGroup, DetectionItem, SigmaRule } from '#languages/sigma/rule.ts'
import { isSurprising } from '#languages/sigma/scalar.ts'
import { isWildcard, readText, type Value } from '#languages/sigma/value.ts'
import type { Check, Subject } from './check.ts'

type Report = Subject['report']

export const DETECTION_CHECKS: readonly Check[] = [
  rule(
    'sigma/unused-search',
    'warning',
    'A search the condition never names is dead text.',
    'condition: a (b is defined)',
    (one, report) => {
      const names = [...one.detections.searches.keys()]
      const used = new Set(one.detections.conditions.flatMap(({ tree }) => usedNames(tree, names)))
      for (const [name, group] of one.detections.searches) {
        if (!used.has(name)) report(group, `The condition never uses "${name}".`)
      }
    },
  ),
  rule(
    'sigma/contradiction',
    'error',
    'A condition that needs a part and its opposite never matches.',
    'condition: a and not a',
    (one, report) => {
      for (const { tree, node } of one.detections.conditions) {
        for (const name of contradictions(tree)) {
          report(node, `The condition needs "${name}" and its opposite: it never matches.`)
        }
      }
    },
  ),
  rule(
    'sigma/only-negations',
    'warning',
    'It matches almost every event of the log source.',
    'condition: not a',
    (one, report) => {
      for (const { tree, node } of one.detections.conditions) {
        if (!hasPositive(tree)) report(node, 'The condition holds for everything it does not name.')
      }
    },
  ),
  rule(
    'sigma/needless-quantity',
    'info',
    'A quantity over one search hides which one it is.',
    'condition: 1 of sel* (one search)',
    (one, report) => {
      const names = [...one.detections.searches.keys()]
      for (const { tree, node } of one.detections.conditions) {
        for (const reference of references(tree)) {
          if (reference.kind !== 'selector' || reference.pattern !== 'them') continue
          const selected = selectNames(reference.pattern, names)
          if (selected.length === 1) report(node, `"them" is only "${selected[0]}".`, 'Name it.')
        }
      }
    },
  ),
  item(
    'sigma/all-with-one-value',
    'warning',
    '"all" joins several values; with one it does nothing, and some targets refuse it.',
    'A|contains|all: x',
    (one, report) => {
      if (one.link === 'and' && one.values.length === 1) report(one, '"all" has only one value.')
    },
  ),
  item(
    'sigma/null-in-list',
    'warning',
    'The specification allows null alone.',
    'A: [x, null]',
    (one, report) => {
      if (one.values.length > 1 && one.values.some((value) => value.kind === 'null')) {
        report(one, 'null stands in a list.', 'Make it a search of its own.')
      }
    },
  ),
  item(
    'sigma/duplicate-value',
    'warning',
    'The second one changes nothing.',
    'A: [x, X]',
    (one, report) => {
      const seen = new Set<string>()
      for (const scalar of one.written) {
        const key = one.modifiers.some((name) => name === 're' || name === 'cased')
          ? scalar.text
          : scalar.text.toLowerCase()
        if (seen.has(key)) report(scalar, `"${scalar.text.slice(0, 60)}" is listed twice.`)
        seen.add(key)
      }
    },
  ),
  item(
    'sigma/covered-value',
    'info',
    'A shorter value in the list already finds everything this one finds.',
    'A|contains: [cmd, cmd.exe]',
    (one, report) => {
      if (one.link === 'and' || !one.modifiers.includes('contains') || one.modifiers.includes('re'))
        return
      if (one.written.length > 200) return
      for (const scalar of one.written) {
        const cover = one.written.find(
          (other) =>
            other.text.length > 0 &&
            other.text.length < scalar.text.length &&
            !/[*?\\]/.test(other.text) &&
            scalar.text.toLowerCase().includes(other.text.toLowerCase()),
        )
        if (cover) report(scalar, `"${cover.text}" already finds what this finds.`)
      }
    },
  ),
  value(
    'sigma/lone-wildcard',
    'info',
    '"exists" says it more plainly, and runs faster.',
    "A: '*'",
    (one, report) => {
      if (one.parts.length === 1 && isWildcard(one.parts[0])) {
        report('A star alone only asks whether there is a value.', 'Write field|exists: true.')
      }
    },
  ),
  value(
    'sigma/needless-wildcard',
    'warning',
    'The modifier already opens that end.',
    "A|contains: '*x*'",
    (one, report, holder) => {
      const parts = readText(one.raw).parts
      const isOpen = (name: string) =>
        holder.modifiers.includes(name) || holder.modifiers.includes('contains')
      const isLed = isWildcard(parts[0]) && isOpen('endswith')
      const isTrailed = isWildcard(parts.at(-1)) && isOpen('startswith')
      const isStar = (isLed && one.raw.startsWith('*')) || (isTrailed && one.raw.endsWith('*'))
      if (isStar && parts.length > 1)
        report('The star at the end is already what the modifier means.')
    },
  ),
  value(
    'sigma/wildcards-for-modifiers',
    'info',
    'Modifiers are easier to read and to convert.',
    "A: '*x*'",
    (one, report, holder) => {
      if (holder.modifiers.length > 0 || holder.field === undefined || one.parts.length < 2) return
      const inner = one.parts.slice(1, -1).filter(isWildcard)
      const [first, last] = [one.raw.startsWith('*'), one.raw.endsWith('*')]
      if (inner.length > 0 || (!first && !last)) return
      const name = first && last ? 'contains' : first ? 'endswith' : 'startswith'
      report('Stars at the ends are what modifiers are for.', `Write field|${name}.`)
    },
  ),
  value(
    'sigma/escaped-wildcard',
    'warning',
    'A backslash before a star makes it a plain star; folders end so by mistake.',
    "A: 'C:\\*'",
    (one, report) => {
      if (/[A-Za-z0-9:]\\\*$/.test(one.raw)) {
        report(
          'The star is escaped by the backslash before it.',
          'Write two backslashes for a folder.',
        )
      }
    },
  ),
  value(
    'sigma/placeholder-without-expand',
    'info',
    'Only "expand" makes a placeholder of it.',
    "A: '%Admins%'",
    (one, report, holder) => {
      if (/^%\w+%$/.test(one.raw) && !holder.modifiers.includes('expand')) {
        report('This looks like a placeholder.', 'Add the modifier "expand" if it is one.')
      }
    },
  ),
  value(
    'sigma/short-contains',
    'info',
    'One or two characters stand in almost every value.',
    'A|contains: a',
    (one, report, holder) => {
      const isBroad =
        holder.modifiers.includes('contains') && holder.link === 'or' && !holder.isNegated
      if (isBroad && one.raw.length === 1 && /\w/.test(one.raw)) {
        report('One character is found in almost every value.')
      }
    },
  ),
  item(
    'sigma/windash-without-dash',
    'info',
    'There is nothing to exchange.',
    'A|windash: x',
    (one, report) => {
      if (!one.modifiers.includes('windash')) return
      if (!one.written.some(({ text }) => /[-/\u2013-\u2015]/.test(text))) {
        report(one, '"windash" finds no dash in any value.')
      }
    },
  ),
  item(
    'sigma/repeated-modifier',
    'warning',
    'The second one changes nothing.',
    'A|contains|contains: x',
    (one, report) => {
      const twice = one.modifiers.find((name, at) => one.modifiers.indexOf(name) !== at)
      if (twice !== undefined) report(one, `The modifier "${twice}" is repeated.`)
    },
  ),
  item(
    'sigma/surprising-scalar',
    'warning',
    'YAML 1.1 reads yes, 010 and 12:30 as other values than they look.',
    'A: 010',
    (one, report) => {
      for (const scalar of one.written) {
        if (scalar.isPlain && isSurprising(scalar.text)) {
          report(
            scalar,
            `${scalar.text} is read as ${String(scalar.value)}.`,
            'Put it in quotes if text is meant.',
          )
        }
      }
    },
  ),
  item('sigma/regex-invalid', 'error', 'No engine can run it.', "A|re: '(['", (one, report) => {
    for (const [at, outcome] of regexes(one)) {
      if ('refusal' in outcome && outcome.isInvalid)
        report(at, `The expression cannot be read: ${outcome.refusal}.`)
    }
  }),
  item(
    'sigma/regex-not-linear',
    'warning',
    'Engines that cannot be stalled cannot run it, and the specification does not allow it.',
    "A|re: '(?=a)b'",
    (one, report) => {
      for (const [at, outcome] of regexes(one)) {
        if ('refusal' in outcome && !outcome.isInvalid)
          report(at, `The expression does not run everywhere: ${outcome.refusal}.`)
      }
    },
  ),
  item(
    'sigma/regex-is-text',
    'info',
    'A plain test is faster and converts everywhere.',
    "A|re: 'cmd'",
    (one, report) => {
      if (!one.modifiers.includes('re')) return
      for (const scalar of one.written) {
        if (/^[\w /:-]+$/.test(scalar.text))
          report(scalar, 'This expression is plain text.', 'Write field|cased|contains.')
      }
    },
  ),
  item(
    'sigma/network-host-bits',
    'warning',
    'Only the bits of the prefix count.',
    'A|cidr: 10.1.2.3/8',
    (one, report) => {
      for (const [at, value_] of one.values.entries()) {
        const network = value_.kind === 'cidr' ? parseNetwork(value_.network) : undefined
        if (network && hasHostBits(network))
          report(one.written[at] ?? one, 'The address has bits beyond its prefix.')
      }
    },
  ),
  item(
    'sigma/space-in-field',
    'info',
    'Most targets have no such field.',
    'Threat Name: x',
    (one, report) => {
      if (one.field !== undefined && /\s/.test(one.field))
        report(one, `The field "${one.field}" has a space in its name.`)
    },
  ),
]

function rule(
  code: string,
  severity: Check['severity'],
  why: string,
  example: string,
  judge: (one: SigmaRule, report: Report) => void,
): Check {
  return {
    code,
    severity,
    why,
    example,
    run({ document, report }) {
      if (document?.kind === 'rule') judge(document, report)
    },
  }
}

function item(
  code: string,
  severity: Check['severity'],
  why: string,
  example: string,
  judge: (one: DetectionItem, report: Report) => void,
): Check {
  return {
    code,
    severity,
    why,
    example,
    run({ document, report }) {
      if (document === undefined || document.kind === 'correlation') return
      for (const group of document.detections.searches.values()) {
        for (const one of itemsOf(group)) judge(one, report)
      }
    },
  }
}

type TextValue = Extract<Value, { kind: 'text' }>

/** Of values that are still text as written; an encoded or expanded one is another matter. */
function value(
  code: string,
  severity: Check['severity'],
  why: string,
  example: string,
  judge: (
    one: TextValue,
    report: (message: string, hint?: string) => void,
    holder: DetectionItem,
  ) => void,
): Check {
  return item(code, severity, why, example, (holder, report) => {
    for (const [at, one] of holder.values.entries()) {
      if (one.kind !== 'text') continue
      judge(one, (message, hint) => report(holder.written[at] ?? holder, message, hint), holder)
    }
  })
}

function* itemsOf(group: DetectionGroup): Generator<DetectionItem> {
  for (const one of group.items) {
    if (one.kind === 'group') yield* itemsOf(one)
    else yield one
  }
}

function* regexes(one: DetectionItem) {
  for (const [at, value_] of one.values.entries()) {
    if (value_.kind === 'regex') {
      yield [one.written[at] ?? one, compileRegex(value_.pattern, value_.flags)] as const
    }
  }
}

function usedNames(tree: Condition, names: readonly string[]): readonly string[] {
  return [...references(tree)].flatMap((reference) =>
    reference.kind === 'identifier' ? [reference.name] : selectNames(reference.pattern, names),
  )
}

/** Names that one `and` needs both ways; deeper logic is not looked through. */
function contradictions(tree: Condition): readonly string[] {
  if (tree.kind === 'not') return contradictions(tree.of)
  if (tree.kind === 'identifier' || tree.kind === 'selector') return []
  const inner = tree.of.flatMap(contradictions)
  if (tree.kind === 'or') return inner
  const needed = tree.of.flatMap((one) => (one.kind === 'identifier' ? [one.name] : []))
  const refused = tree.of.flatMap((one) =>
    one.kind === 'not' && one.of.kind === 'identifier' ? [one.of.name] : [],
  )
  return [...inner, ...needed.filter((name) => refused.includes(name))]
}

function hasPositive(tree: Condition): boolean {
  if (tree.kind === 'not') return hasOnlyDoubleNegation(tree.of)
  if (tree.kind === 'identifier' || tree.kind === 'selector') return true
  return tree.kind === 'and' ? tree.of.some(hasPositive) : tree.of.every(hasPositive)
}

function hasOnlyDoubleNegation(tree: Condition): boolean {
  return tree.kind === 'not' && hasPositive(tree.of)
}
