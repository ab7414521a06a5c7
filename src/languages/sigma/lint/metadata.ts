// Checks of everything but the detection. Those of severity error are what the official JSON schemas
// refuse; the others are what rule repositories agree on.

import { nearest } from '#kernel/problem.ts'
import type { Range } from '#languages/sigma/source.ts'
import {
  valueOf,
  type YamlList,
  type YamlMap,
  type YamlNode,
  type YamlScalar,
} from '#languages/sigma/yaml.ts'
import type { Check, Subject } from './check.ts'

const STATUSES = ['stable', 'test', 'experimental', 'deprecated', 'unsupported']
const LEVELS = ['informational', 'low', 'medium', 'high', 'critical']
const RELATIONS = ['derived', 'obsolete', 'merged', 'renamed', 'similar', 'correlation']
const KEYS = [
  'title',
  'id',
  'related',
  'name',
  'taxonomy',
  'status',
  'description',
  'license',
  'author',
  'references',
  'date',
  'modified',
  'logsource',
  'detection',
  'fields',
  'falsepositives',
  'level',
  'tags',
  'scope',
  'correlation',
  'filter',
  'generate',
  'action',
  'rulewright',
]
const DATE = /^\d{4}-(0[1-9]|1[012])-(0[1-9]|[12][0-9]|3[01])$/
const TAG = /^[a-z0-9_-]+\.[a-z0-9._-]+$/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export const METADATA_CHECKS: readonly Check[] = [
  text(
    'title',
    'sigma/title-too-long',
    'error',
    'The schema allows 256 characters.',
    'title: …',
    (one) => (one.text.length > 256 ? 'The title is longer than 256 characters.' : undefined),
  ),
  text(
    'title',
    'sigma/title-style',
    'info',
    'Titles are labels in lists.',
    'title: Detects x.',
    (one) =>
      /^detects?\b/i.test(one.text) || one.text.endsWith('.')
        ? 'A title names the behaviour: no "Detects", no full stop.'
        : undefined,
  ),
  text('id', 'sigma/id-not-uuid', 'error', 'Tools key rules by UUID.', 'id: my-rule', (one) =>
    UUID.test(one.text) ? undefined : 'The id is not a UUID.',
  ),
  missing('id', 'Correlations, updates and exclusions refer to a rule by its id.'),
  missing('status', 'Readers must know how far to trust a rule.'),
  missing('level', 'An alert needs a severity.'),
  missing('description', 'Whoever gets the alert reads it first.'),
  missing('author', 'Someone must be asked when the rule misfires.'),
  missing('date', 'Old rules deserve another look.'),
  word('status', STATUSES),
  word('level', LEVELS),
  date('date'),
  date('modified'),
  {
    code: 'sigma/modified-before-date',
    severity: 'warning',
    why: 'One of the two dates is wrong.',
    example: 'date: 2024-05-01\nmodified: 2023-05-01',
    run({ root, report }) {
      const [made, changed] = ['date', 'modified'].map((key) => scalarOf(root, key))
      if (made && changed && DATE.test(made.text) && changed.text < made.text) {
        report(changed, 'The rule was modified before it was made.')
      }
    },
  },
  {
    code: 'sigma/tag-format',
    severity: 'error',
    why: 'Tags are namespace.value in lower case; others are found by nobody.',
    example: 'tags: [T1059]',
    run: (subject) =>
      eachItem(subject, 'tags', (item) => {
        if (!TAG.test(item.text))
          subject.report(item, `"${item.text}" is no tag like attack.t1059.`)
      }),
  },
  unique('tags'),
  unique('references'),
  unique('fields'),
  unique('falsepositives'),
  {
    code: 'sigma/reference-not-text',
    severity: 'error',
    why: 'The schema wants texts.',
    example: 'references: [2024]',
    run: (subject) =>
      eachItem(subject, 'references', (item) => {
        if (typeof item.value !== 'string') subject.report(item, 'A reference is a text.')
      }),
  },
  {
    code: 'sigma/falsepositive-too-short',
    severity: 'error',
    why: 'The schema wants two characters at least.',
    example: 'falsepositives: [x]',
    run: (subject) =>
      eachItem(subject, 'falsepositives', (item) => {
        if (item.text.length < 2) subject.report(item, 'This says nothing.')
      }),
  },
  {
    code: 'sigma/falsepositive-none',
    severity: 'info',
    why: '"None" is rarely true and ages badly.',
    example: 'falsepositives: [None]',
    run: (subject) =>
      eachItem(subject, 'falsepositives', (item) => {
        if (/^(?:none|n\/a|never)$/i.test(item.text)) {
          subject.report(item, 'Say what could look alike, or write "Unlikely".')
        }
      }),
  },
  {
    code: 'sigma/list-expected',
    severity: 'error',
    why: 'The schema wants a list.',
    example: 'tags: attack.t1059',
    run({ root, report }) {
      for (const key of ['tags', 'references', 'fields', 'related', 'scope']) {
        const node = valueOf(root, key)
        if (node !== undefined && node.kind !== 'list') report(node, `"${key}" must be a list.`)
      }
    },
  },
  {
    code: 'sigma/related-malformed',
    severity: 'error',
    why: 'A relation without id and type leads nowhere.',
    example: 'related: [{id: x}]',
    run({ root, report }) {
      const related = valueOf(root, 'related')
      if (related?.kind !== 'list') return
      for (const item of related.items) {
        const problem = relationProblem(item)
        if (problem !== undefined) report(item, problem)
      }
    },
  },
  {
    code: 'sigma/unknown-key',
    severity: 'warning',
    why: 'A misspelt key is silently ignored.',
    example: 'falsepositive: [x]',
    run({ root, report }) {
      for (const { key } of root.entries) {
        const near = KEYS.includes(key.text) ? undefined : nearest(key.text, KEYS)
        if (near !== undefined)
          report(key, `"${key.text}" is no key of Sigma.`, `Did you mean "${near}"?`)
      }
    },
  },
  {
    code: 'sigma/deprecated-without-successor',
    severity: 'info',
    why: 'Whoever runs the rule wants to know what replaces it.',
    example: 'status: deprecated',
    run({ root, report }) {
      const status = scalarOf(root, 'status')
      if (status?.text === 'deprecated' && valueOf(root, 'related') === undefined) {
        report(status, 'The rule is deprecated, but nothing says what replaces it.')
      }
    },
  },
  {
    code: 'sigma/trailing-space',
    severity: 'info',
    why: 'It splits what should be one value in filters and lists.',
    example: "author: 'ada '",
    run({ root, report }) {
      for (const key of ['title', 'author', 'id', 'status', 'level']) {
        const node = scalarOf(root, key)
        if (node && node.text !== node.text.trim()) report(node, `"${key}" has spaces at its ends.`)
      }
    },
  },
]

function scalarOf(root: YamlMap, key: string): YamlScalar | undefined {
  const node = valueOf(root, key)
  return node?.kind === 'scalar' && node.value !== null ? node : undefined
}

function headOf(root: YamlMap): Range {
  return root.entries[0]?.key ?? root
}

function text(
  key: string,
  code: string,
  severity: Check['severity'],
  why: string,
  example: string,
  judge: (one: YamlScalar) => string | undefined,
): Check {
  return {
    code,
    severity,
    why,
    example,
    run({ root, report }) {
      const node = scalarOf(root, key)
      const message = node && judge(node)
      if (node && message !== undefined) report(node, message)
    },
  }
}

function missing(key: string, why: string): Check {
  return {
    code: `sigma/no-${key}`,
    severity: 'info',
    why,
    example: `(no ${key})`,
    run({ root, document, report }) {
      if (document?.kind === 'rule' && valueOf(root, key) === undefined) {
        report(headOf(root), `The rule has no ${key}.`)
      }
    },
  }
}

function word(key: string, words: readonly string[]): Check {
  return {
    code: `sigma/unknown-${key}`,
    severity: 'error',
    why: `The schema knows ${words.join(', ')}.`,
    example: `${key}: other`,
    run({ root, report }) {
      const node = valueOf(root, key)
      if (node === undefined || (node.kind === 'scalar' && words.includes(node.text))) return
      const written = node.kind === 'scalar' ? node.text : ''
      const near = nearest(written, words)
      report(
        node,
        `"${written}" is no ${key}.`,
        near ? `Did you mean "${near}"?` : words.join(', '),
      )
    },
  }
}

function date(key: string): Check {
  return {
    code: `sigma/${key}-format`,
    severity: 'error',
    why: 'The schema wants YYYY-MM-DD.',
    example: `${key}: 2024/05/01`,
    run({ root, report }) {
      const node = valueOf(root, key)
      if (node === undefined || (node.kind === 'scalar' && DATE.test(node.text))) return
      report(node, `"${key}" is not a date.`, 'Write it as 2024-05-01.')
    },
  }
}

function unique(key: string): Check {
  return {
    code: `sigma/duplicate-${key}`,
    severity: 'error',
    why: 'The schema wants each item once.',
    example: `${key}: [a, a]`,
    run(subject) {
      const seen = new Set<string>()
      eachItem(subject, key, (item) => {
        if (seen.has(item.text)) subject.report(item, `"${item.text}" is listed twice.`)
        seen.add(item.text)
      })
    },
  }
}

function eachItem(subject: Subject, key: string, visit: (item: YamlScalar) => void): void {
  const list: YamlNode | undefined = valueOf(subject.root, key)
  if (list?.kind !== 'list') return
  for (const item of (list satisfies YamlList).items) if (item.kind === 'scalar') visit(item)
}

function relationProblem(item: YamlNode): string | undefined {
  if (item.kind !== 'map') return 'A relation is a map of id and type.'
  const type = scalarOf(item, 'type')
  if (!scalarOf(item, 'id')) return 'The relation has no id.'
  if (type === undefined) return 'The relation has no type.'
  return RELATIONS.includes(type.text) ? undefined : `"${type.text}" is no type of relation.`
}
