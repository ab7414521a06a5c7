// Checks of what a rule says about itself, beyond what the schemas refuse: what is missing, what
// contradicts itself, what reads badly in an alert.

import { nearest } from '#kernel/problem.ts'
import type { Range } from '#languages/sigma/source.ts'
import { valueOf, type YamlMap, type YamlScalar } from '#languages/sigma/yaml.ts'
import type { Check, CheckRow, Subject } from './check.ts'

/** Of a document, in the order in which they are written. */
export const DOCUMENT_KEYS = [
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
const TITLE_LONG = 120
const DESCRIPTION_SHORT = 12
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/

const GOOD: Readonly<Record<string, string>> = {
  id: 'id: 80167ada-7a12-41ed-b8e9-aa47195c66a1',
  status: 'status: test',
  level: 'level: low',
  description: 'description: Finds whoami started by the system account',
  author: 'author: ada',
  date: 'date: 2024-05-01',
}

export const METADATA_CHECKS: readonly Check[] = [
  missing('id', 'Correlations, updates and exclusions refer to a rule by its id.'),
  missing('status', 'Readers must know how far to trust a rule.'),
  missing('level', 'An alert needs a severity.'),
  missing('description', 'Whoever gets the alert reads it first.'),
  missing('author', 'Someone must be asked when the rule misfires.'),
  missing('date', 'Old rules deserve another look.'),
  text(
    'title',
    {
      code: 'sigma/title-style',
      severity: 'info',
      why: 'Titles are labels in lists: "Detects" in front of each says nothing.',
      bad: 'title: Detects whoami.',
      good: 'title: Whoami',
    },
    (one) =>
      /^detects?\b/i.test(one.text) || one.text.endsWith('.')
        ? 'A title names the behaviour: no "Detects", no full stop.'
        : undefined,
  ),
  text(
    'title',
    {
      code: 'sigma/title-long',
      severity: 'info',
      why: 'Consoles and mail subjects cut it off.',
      bad: `title: ${'Whoami started as system '.repeat(6)}`,
      good: 'title: Whoami started as system',
    },
    (one) =>
      one.text.length > TITLE_LONG
        ? `The title has ${one.text.length} characters; lists show about ${TITLE_LONG}.`
        : undefined,
  ),
  text(
    'title',
    {
      code: 'sigma/title-line-break',
      severity: 'warning',
      why: 'A title of several lines breaks lists, file names and the syntax of some targets.',
      bad: 'title: "Whoami\\nas system"',
      good: 'title: Whoami as system',
    },
    (one) => (one.text.trimEnd().includes('\n') ? 'The title has a line break.' : undefined),
  ),
  text(
    'description',
    {
      code: 'sigma/description-short',
      severity: 'info',
      why: 'Whoever gets the alert learns nothing from it.',
      bad: 'description: whoami',
      good: 'description: Finds whoami started by the system account',
    },
    (one) =>
      one.text.trim().length < DESCRIPTION_SHORT
        ? 'The description says hardly anything.'
        : undefined,
  ),
  {
    code: 'sigma/description-is-title',
    severity: 'info',
    why: 'It was read already, one line above.',
    bad: 'title: Whoami as system\ndescription: Whoami as system.',
    good: 'title: Whoami as system\ndescription: Finds whoami started by the system account',
    run({ root, report }) {
      const [title, description] = ['title', 'description'].map((key) => scalarOf(root, key))
      if (title && description && bare(title.text) === bare(description.text)) {
        report(description, 'The description only repeats the title.')
      }
    },
  },
  possibleDate('date'),
  possibleDate('modified'),
  {
    code: 'sigma/modified-before-date',
    severity: 'warning',
    why: 'One of the two dates is wrong.',
    bad: 'date: 2024-05-01\nmodified: 2023-05-01',
    good: 'date: 2024-05-01\nmodified: 2024-06-05',
    run({ root, report }) {
      const [made, changed] = ['date', 'modified'].map((key) => scalarOf(root, key))
      if (made && changed && DATE.test(made.text) && changed.text < made.text) {
        report(changed, 'The rule was modified before it was made.')
      }
    },
  },
  {
    code: 'sigma/date-in-future',
    severity: 'warning',
    why: 'A slip of the hand, and lists ordered by date show the rule first for years.',
    bad: 'date: 2924-05-01',
    good: 'date: 2024-05-01',
    run({ root, today, report }) {
      for (const key of ['date', 'modified']) {
        const node = scalarOf(root, key)
        if (today !== undefined && node && DATE.test(node.text) && node.text > today) {
          report(node, `"${key}" lies in the future.`)
        }
      }
    },
  },
  {
    code: 'sigma/falsepositive-none',
    severity: 'info',
    why: '"None" is rarely true and ages badly.',
    bad: 'falsepositives: [None]',
    good: 'falsepositives: [Unlikely]',
    run: (subject) =>
      eachItem(subject, 'falsepositives', (item) => {
        if (/^(?:none|n\/a|never)\.?$/i.test(item.text)) {
          subject.report(item, 'Say what could look alike, or write "Unlikely".')
        }
      }),
  },
  {
    code: 'sigma/reference-broken',
    severity: 'warning',
    why: 'A link with half a scheme opens nothing.',
    bad: "references: ['https:/example.com/a']",
    good: "references: ['https://example.com/a']",
    run: (subject) =>
      eachItem(subject, 'references', (item) => {
        const isLink = /^(?:https?\b|www\.)/i.test(item.text)
        if (isLink && !/^(?:https?:\/\/|www\.)\S/i.test(item.text)) {
          subject.report(item, 'This looks like a link and is none.')
        }
      }),
  },
  {
    code: 'sigma/reference-localhost',
    severity: 'info',
    why: 'Only its author can open it.',
    bad: "references: ['http://localhost:8080/a']",
    good: "references: ['https://example.com/a']",
    run: (subject) =>
      eachItem(subject, 'references', (item) => {
        if (/^https?:\/\/(?:localhost|127\.|10\.|192\.168\.)/i.test(item.text)) {
          subject.report(item, 'This link works on one network only.')
        }
      }),
  },
  {
    code: 'sigma/field-with-modifier',
    severity: 'warning',
    why: '"fields" names columns to show; a modifier is no part of a column.',
    bad: 'fields: ["Image|endswith"]',
    good: 'fields: [Image]',
    run: (subject) =>
      eachItem(subject, 'fields', (item) => {
        if (item.text.includes('|')) subject.report(item, 'A column has no modifiers.')
      }),
  },
  {
    code: 'sigma/related-to-itself',
    severity: 'warning',
    why: 'The id of another rule was meant.',
    bad: 'related: [{id: 80167ada-7a12-41ed-b8e9-aa47195c66a1, type: similar}]',
    good: 'related: [{id: 80167ada-7a12-41ed-b8e9-aa47195c66a2, type: similar}]',
    run({ root, report }) {
      const own = scalarOf(root, 'id')?.text.toLowerCase()
      for (const { id } of relations(root)) {
        if (id && id.text.toLowerCase() === own) report(id, 'The rule is related to itself.')
      }
    },
  },
  {
    code: 'sigma/related-twice',
    severity: 'warning',
    why: 'A rule is derived from another, or similar to it, or took its place: one of them.',
    bad: 'related: [{id: 80167ada-7a12-41ed-b8e9-aa47195c66a2, type: similar}, {id: 80167ada-7a12-41ed-b8e9-aa47195c66a2, type: derived}]',
    good: 'related: [{id: 80167ada-7a12-41ed-b8e9-aa47195c66a2, type: similar}]',
    run({ root, report }) {
      const seen = new Set<string>()
      for (const { id } of relations(root)) {
        if (id && seen.has(id.text)) report(id, 'This rule is listed twice.')
        if (id) seen.add(id.text)
      }
    },
  },
  {
    code: 'sigma/deprecated-without-successor',
    severity: 'info',
    why: 'Whoever runs the rule wants to know what replaces it.',
    bad: 'status: deprecated',
    good: 'status: deprecated\nrelated: [{id: 80167ada-7a12-41ed-b8e9-aa47195c66a2, type: similar}]',
    run({ root, report }) {
      const status = scalarOf(root, 'status')
      if (status?.text === 'deprecated' && valueOf(root, 'related') === undefined) {
        report(status, 'The rule is deprecated, but nothing says what replaces it.')
      }
    },
  },
  {
    code: 'sigma/unknown-key',
    severity: 'warning',
    why: 'A misspelt key is silently ignored.',
    bad: 'falsepositive: [Backup jobs]',
    good: 'falsepositives: [Backup jobs]',
    run({ root, report }) {
      for (const { key } of root.entries) {
        const near = DOCUMENT_KEYS.includes(key.text) ? undefined : nearest(key.text, DOCUMENT_KEYS)
        if (near !== undefined) {
          report(key, `"${key.text}" is no key of Sigma.`, `Did you mean "${near}"?`)
        }
      }
    },
  },
  {
    code: 'sigma/trailing-space',
    severity: 'info',
    why: 'It splits what should be one value in filters and lists.',
    bad: "author: 'ada '",
    good: 'author: ada',
    run({ root, report }) {
      for (const key of ['title', 'author', 'id', 'status', 'level']) {
        const node = scalarOf(root, key)
        // A block text ends with a line break of its own.
        const written = node?.text.replace(/\n$/, '')
        if (node && written !== written?.trim()) report(node, `"${key}" has spaces at its ends.`)
      }
    },
  },
]

export function scalarOf(root: YamlMap, key: string): YamlScalar | undefined {
  const node = valueOf(root, key)
  return node?.kind === 'scalar' && node.value !== null ? node : undefined
}

export function headOf(root: YamlMap): Range {
  return root.entries[0]?.key ?? root
}

export function eachItem({ root }: Subject, key: string, visit: (item: YamlScalar) => void): void {
  const list = valueOf(root, key)
  if (list?.kind !== 'list') return
  for (const item of list.items) if (item.kind === 'scalar') visit(item)
}

/** Those written as maps; what else stands there the schema refuses. */
export function relations(
  root: YamlMap,
): readonly { readonly id: YamlScalar | undefined; readonly type: string | undefined }[] {
  const list = valueOf(root, 'related')
  const items = list?.kind === 'list' ? list.items : []
  return items.flatMap((item) =>
    item.kind === 'map' ? [{ id: scalarOf(item, 'id'), type: scalarOf(item, 'type')?.text }] : [],
  )
}

function text(key: string, row: CheckRow, judge: (one: YamlScalar) => string | undefined): Check {
  return {
    ...row,
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
    bad: `# no ${key}`,
    good: GOOD[key]!,
    run({ root, document, report }) {
      if (document?.kind === 'rule' && valueOf(root, key) === undefined) {
        report(headOf(root), `The rule has no ${key}.`)
      }
    },
  }
}

/** The schema's pattern lets the 31st of February through. */
function possibleDate(key: string): Check {
  return {
    code: `sigma/${key}-impossible`,
    severity: 'warning',
    why: 'There is no such day.',
    bad: `${key}: 2024-06-31`,
    good: `${key}: 2024-06-30`,
    run({ root, report }) {
      const node = scalarOf(root, key)
      const [, year, month, day] = DATE.exec(node?.text ?? '') ?? []
      if (node === undefined || year === undefined) return
      const last = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()
      if (Number(day) > last) report(node, `The month has ${last} days.`)
    },
  }
}

function bare(written: string): string {
  return written.trim().replace(/\.$/, '').toLowerCase()
}
