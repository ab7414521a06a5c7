// What only shows when all documents are seen together: two rules with one id, the same logic twice,
// references that lead nowhere.

import { sha256Hex } from '#kernel/hash.ts'
import { nearest, type Problem, type Span } from '#kernel/problem.ts'
import { lower } from '#languages/sigma/lower.ts'
import type { Outline } from '#languages/sigma/parse.ts'
import type { SigmaDocument, SigmaRule } from '#languages/sigma/rule.ts'
import type { Source } from '#languages/sigma/source.ts'
import type { YamlScalar } from '#languages/sigma/yaml.ts'
import type { CheckRow } from './check.ts'
import { headOf, relations, scalarOf } from './metadata.ts'

const OTHER_ID = '80167ada-7a12-41ed-b8e9-aa47195c66a2'

export const ACROSS_ROWS: readonly CheckRow[] = [
  {
    code: 'sigma/duplicate-id',
    severity: 'error',
    why: 'What refers to the id reaches one of the two, and a push would overwrite one with the other.',
    bad: 'title: One\n---\ntitle: Two\nid: 80167ada-7a12-41ed-b8e9-aa47195c66a1',
    good: `title: One\n---\ntitle: Two\nid: ${OTHER_ID}`,
  },
  {
    code: 'sigma/duplicate-name',
    severity: 'error',
    why: 'A correlation that refers to the name reaches one of the two.',
    bad: 'name: whoami\n---\ntitle: Two\nname: whoami',
    good: 'name: whoami\n---\ntitle: Two\nname: hostname',
  },
  {
    code: 'sigma/duplicate-title',
    severity: 'info',
    why: 'In a list of alerts nobody can tell the two apart.',
    bad: 'title: Whoami\n---\ntitle: Whoami',
    good: 'title: Whoami\n---\ntitle: Hostname',
  },
  {
    code: 'sigma/duplicate-logic',
    severity: 'warning',
    why: 'Every event alerts twice.',
    bad: 'title: One\n---\ntitle: Two',
    good: "title: One\n---\ntitle: Two\ndetection: {selection: {Image|endswith: '\\hostname.exe'}, condition: selection}",
  },
  {
    code: 'sigma/obsolete-active',
    severity: 'info',
    why: 'Another rule took its place, yet this one still says that it may run.',
    bad: `title: One\n---\ntitle: Two\nrelated: [{id: 80167ada-7a12-41ed-b8e9-aa47195c66a1, type: obsolete}]`,
    good: `title: One\nstatus: deprecated\n---\ntitle: Two\nrelated: [{id: 80167ada-7a12-41ed-b8e9-aa47195c66a1, type: obsolete}]`,
  },
  {
    code: 'sigma/filter-of-nothing',
    severity: 'warning',
    why: 'The filter exempts nothing: the rule it names is not among those given.',
    bad: 'name: whoami\n---\nfilter: {rules: [hostname], selection: {User: ada}, condition: not selection}',
    good: 'name: whoami\n---\nfilter: {rules: [whoami], selection: {User: ada}, condition: not selection}',
  },
  {
    code: 'sigma/unknown-rule',
    severity: 'error',
    why: 'A correlation without its rules counts nothing.',
    bad: 'name: whoami\n---\ncorrelation: {type: event_count, rules: [hostname], group-by: [User], timespan: 5m, condition: {gte: 10}}',
    good: 'name: whoami\n---\ncorrelation: {type: event_count, rules: [whoami], group-by: [User], timespan: 5m, condition: {gte: 10}}',
  },
  {
    code: 'sigma/correlation-cycle',
    severity: 'error',
    why: 'A correlation that waits for itself never fires.',
    bad: 'name: ring\ncorrelation: {type: event_count, rules: [ring], group-by: [User], timespan: 5m, condition: {gte: 10}}',
    good: 'name: whoami\n---\ncorrelation: {type: event_count, rules: [whoami], group-by: [User], timespan: 5m, condition: {gte: 10}}',
  },
]

/** What the others must know of a document: plain data, so that it can come from another thread. */
export interface Facts {
  /** Undefined when it could not be read. */
  readonly kind: SigmaDocument['kind'] | undefined
  /** Where the document begins. */
  readonly head: Span
  readonly id?: Named
  readonly name?: Named
  readonly title?: Named
  readonly status?: string
  /** Digest of what a rule asks for. */
  readonly logic?: string
  /** Ids of the rules it made obsolete. */
  readonly obsoletes: readonly string[]
  /** What a filter or a correlation refers to. */
  readonly references: readonly Named[]
}

export interface Named extends Span {
  readonly text: string
}

export function factsOf(source: Source, { root, document }: Outline): Facts | undefined {
  if (root === undefined) return undefined
  const named = (node: YamlScalar): Named => ({ text: node.text, ...source.span(node) })
  const at = (key: 'id' | 'name' | 'title') => {
    const node = scalarOf(root, key)
    return node === undefined ? {} : { [key]: named(node) }
  }
  const status = scalarOf(root, 'status')?.text
  const rules = document && 'rules' in document && document.rules !== 'any' ? document.rules : []
  return {
    kind: document?.kind,
    head: source.span(headOf(root)),
    ...at('id'),
    ...at('name'),
    ...at('title'),
    ...(status === undefined ? {} : { status }),
    ...(document?.kind === 'rule' ? { logic: sha256Hex(logicOf(document)) } : {}),
    obsoletes: relations(root).flatMap(({ id, type }) =>
      id && type === 'obsolete' ? id.text : [],
    ),
    references: rules.map(named),
  }
}

function logicOf(rule: SigmaRule): string {
  const { product, category, service } = rule.logsource
  const { predicates } = lower(rule.detections)
  return JSON.stringify([product, category, service, predicates])
}

export interface Member {
  /** What messages call it by. */
  readonly label: string
  readonly facts: Facts
}

/** In no order; a member with nothing wrong is absent. */
export function judgeAcross(members: readonly Member[]): ReadonlyMap<Facts, readonly Problem[]> {
  const found = new Map<Facts, Problem[]>()
  const tell: Tell = ({ facts }, name, at, message, hint) => {
    const code = `sigma/${name}`
    const { line, column, endLine, endColumn } = at
    const place = { line, column, endLine, endColumn }
    const problem = { code, severity: SEVERITIES.get(code)!, message, ...place }
    const problems = found.get(facts) ?? []
    problems.push(hint === undefined ? problem : { ...problem, hint })
    found.set(facts, problems)
  }
  judgeRepeats(members, tell)
  judgeObsolete(members, tell)
  judgeReferences(members, tell)
  judgeCycles(members, tell)
  return found
}

type Tell = (one: Member, name: string, at: Span, message: string, hint?: string) => void

const SEVERITIES = new Map(ACROSS_ROWS.map(({ code, severity }) => [code, severity]))

function judgeRepeats(members: readonly Member[], tell: Tell): void {
  const seen = { id: first(), name: first(), title: first(), logic: first() }
  for (const one of members) {
    const { label, facts } = one
    const { head, id, name, title, logic } = facts
    const idTwin = id && seen.id(id.text.toLowerCase(), label)
    if (id && idTwin)
      tell(one, 'duplicate-id', head, `The id ${id.text} is also that of ${idTwin}.`)
    const nameTwin = name && seen.name(name.text, label)
    if (name && nameTwin) {
      tell(one, 'duplicate-name', name, `The name "${name.text}" is also that of ${nameTwin}.`)
    }
    const titleTwin = title && seen.title(title.text.trim().toLowerCase(), label)
    if (title && titleTwin && !idTwin) {
      tell(one, 'duplicate-title', title, `The title is also that of ${titleTwin}.`)
    }
    const logicTwin = logic === undefined ? undefined : seen.logic(logic, label)
    if (logicTwin) {
      tell(one, 'duplicate-logic', head, `This rule asks for exactly what ${logicTwin} asks for.`)
    }
  }
}

function judgeObsolete(members: readonly Member[], tell: Tell): void {
  const successors = new Map(
    members.flatMap(({ label, facts }) =>
      facts.obsoletes.map((id) => [id.toLowerCase(), label] as const),
    ),
  )
  for (const one of members) {
    const { id, status, head } = one.facts
    const successor = id && successors.get(id.text.toLowerCase())
    if (!successor || status === 'deprecated' || status === 'unsupported') continue
    const message = `${successor} made this rule obsolete.`
    tell(one, 'obsolete-active', head, message, 'Set its status to deprecated.')
  }
}

function judgeReferences(members: readonly Member[], tell: Tell): void {
  const known = new Set(indexOf(members).keys())
  for (const one of members) {
    for (const reference of one.facts.references) {
      if (known.has(reference.text)) continue
      if (one.facts.kind === 'filter') {
        const message = `"${reference.text}" is not among the rules.`
        tell(one, 'filter-of-nothing', reference, message)
        continue
      }
      const near = nearest(reference.text, known)
      const hint =
        near === undefined
          ? 'Give the rule file together with this one.'
          : `Did you mean "${near}"?`
      const message = `The correlation refers to "${reference.text}", which is not among the rules.`
      tell(one, 'unknown-rule', reference, message, hint)
    }
  }
}

function judgeCycles(members: readonly Member[], tell: Tell): void {
  const index = indexOf(members)
  const next = ({ facts }: Member) =>
    facts.references.flatMap(({ text }) => index.get(text) ?? []).filter(isCorrelation)
  for (const one of members.filter(isCorrelation)) {
    const reached = new Set(next(one))
    for (const member of reached) for (const further of next(member)) reached.add(further)
    if (!reached.has(one)) continue
    const message = 'This correlation refers to itself, directly or through others.'
    tell(one, 'correlation-cycle', one.facts.head, message)
  }
}

function isCorrelation({ facts }: Member): boolean {
  return facts.kind === 'correlation'
}

/** What can be referred to, by id and by name; the first one wins. */
function indexOf(members: readonly Member[]): ReadonlyMap<string, Member> {
  const index = new Map<string, Member>()
  for (const one of members) {
    const { kind, id, name } = one.facts
    if (kind === undefined || kind === 'filter') continue
    for (const key of [id, name]) if (key && !index.has(key.text)) index.set(key.text, one)
  }
  return index
}

/** Remembers who came first with a key, and names them to whoever comes later. */
function first(): (key: string, label: string) => string | undefined {
  const seen = new Map<string, string>()
  return (key, label) => {
    const known = seen.get(key)
    if (known === undefined) seen.set(key, label)
    return known
  }
}
